import { expect, test } from "vitest";
import { createManualClock } from "./clock.ts";
import { allInstruments } from "./instruments.ts";
import { createMarket } from "./market.ts";

test("prices depend on seed, symbol and time alone", () => {
  const clock = createManualClock();
  const quote = createMarket(clock, 1).quote(265598);
  expect(createMarket(createManualClock(), 1).quote(265598)).toEqual(quote);
  expect(createMarket(createManualClock(), 2).quote(265598)).not.toEqual(quote);
  clock.advance(60 * 60_000);
  expect(createMarket(clock, 1).quote(265598)).not.toEqual(quote);
});

test("every quote is on the tick, positive, and has its bid below its ask", () => {
  const clock = createManualClock();
  const market = createMarket(clock, 3);
  for (let hour = 0; hour < 48; hour += 1) {
    clock.advance(60 * 60_000);
    for (const { conid } of allInstruments()) {
      const quote = market.quote(conid);
      expect(quote?.bid.gt(0) && quote.ask.gt(quote.bid)).toBe(true);
      expect(quote?.bid.times(100).mod(1).toFixed()).toBe("0");
      expect(quote?.last.gte(quote.bid) && quote.last.lte(quote.ask)).toBe(true);
    }
  }
});

test("prices move little from one second to the next", () => {
  const market = createMarket(createManualClock(), 1);
  let before = market.priceAt(265598, 1_795_000_000_000);
  for (let second = 1; second < 600; second += 1) {
    const now = market.priceAt(265598, 1_795_000_000_000 + second * 1_000);
    expect(Math.abs(now / before - 1)).toBeLessThan(0.001);
    before = now;
  }
});

test("no conid is listed twice", () => {
  const conids = allInstruments().map(({ conid }) => conid);
  expect(new Set(conids).size).toBe(conids.length);
});
