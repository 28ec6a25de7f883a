/**
 * A price path that is a pure function of seed, contract and time: no state to save, and a restarted
 * simulator goes on where it was. Smooth noise of several periods is added up in log space.
 */
const MINUTE = 60_000;
const WAVES: ReadonlyArray<{ period: number; amplitude: number }> = [
  { period: 45 * 24 * 60 * MINUTE, amplitude: 0.06 },
  { period: 5 * 24 * 60 * MINUTE, amplitude: 0.02 },
  { period: 24 * 60 * MINUTE, amplitude: 0.008 },
  { period: 150 * MINUTE, amplitude: 0.003 },
  { period: 20 * MINUTE, amplitude: 0.001 },
  { period: 3 * MINUTE, amplitude: 0.0004 },
  { period: 20_000, amplitude: 0.0001 },
];

/** A number in [0, 1) from the given integers: a small integer hash, well mixed. */
export function hashed(...values: number[]): number {
  let h = 0x9e3779b9;
  for (const value of values) {
    const low = value >>> 0;
    const high = Math.floor(value / 0x1_0000_0000) >>> 0;
    for (const word of [low, high]) {
      h = Math.imul(h ^ word, 0x85ebca6b);
      h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
      h ^= h >>> 16;
    }
  }
  return (h >>> 0) / 0x1_0000_0000;
}

function smoothNoise(seed: number, conid: number, wave: number, position: number): number {
  const index = Math.floor(position);
  const fraction = position - index;
  const from = hashed(seed, conid, wave, index) * 2 - 1;
  const to = hashed(seed, conid, wave, index + 1) * 2 - 1;
  const ease = fraction * fraction * (3 - 2 * fraction);
  return from + (to - from) * ease;
}

/** The unrounded mid price. */
export function midPriceAt(
  seed: number,
  conid: number,
  basePrice: number,
  instant: number,
  volatility = 1,
): number {
  let log = 0;
  WAVES.forEach((wave, i) => {
    log += wave.amplitude * smoothNoise(seed, conid, i, instant / wave.period);
  });
  return basePrice * Math.exp(log * volatility);
}
