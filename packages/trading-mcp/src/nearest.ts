/** How many single-character edits turn one word into the other. */
export function editDistance(from: string, to: string): number {
  let previous = Array.from({ length: to.length + 1 }, (_, index) => index);
  for (let row = 1; row <= from.length; row++) {
    const current = [row];
    for (let column = 1; column <= to.length; column++) {
      const substitution = at(previous, column - 1) + (from[row - 1] === to[column - 1] ? 0 : 1);
      current.push(Math.min(substitution, at(previous, column) + 1, at(current, column - 1) + 1));
    }
    previous = current;
  }
  return at(previous, to.length);
}

function at(row: number[], index: number): number {
  return row[index] ?? 0;
}

const MAX_WORD = 64;

/**
 * The name that was probably meant, or null when none is close enough to be suggested. Case and
 * separators do not count, so that `limitPrice` finds `limit_price`.
 */
export function nearest(word: string, names: Iterable<string>): string | null {
  const wanted = fold(word);
  if (wanted === "" || wanted.length > MAX_WORD) return null;
  let best: { name: string; distance: number } | null = null;
  for (const name of names) {
    const known = fold(name);
    const distance = contains(wanted, known) ? 1 : editDistance(wanted, known);
    const allowed = Math.max(1, Math.min(3, Math.floor(Math.max(wanted.length, known.length) / 3)));
    if (distance <= allowed && (best === null || distance < best.distance)) best = { name, distance };
  }
  return best?.name ?? null;
}

/** `price` in `limit_price`, `symbols` around `symbol`: a part long enough to say something. */
function contains(first: string, second: string): boolean {
  const [short, long] = first.length < second.length ? [first, second] : [second, first];
  return short.length >= 4 && long.includes(short);
}

function fold(name: string): string {
  return name.toLowerCase().replace(/[^a-z0-9]/g, "");
}

/** ` Did you mean "x"?`, or nothing. */
export function didYouMean(word: string, names: Iterable<string>): string {
  const name = nearest(word, names);
  return name === null ? "" : ` Did you mean "${name}"?`;
}
