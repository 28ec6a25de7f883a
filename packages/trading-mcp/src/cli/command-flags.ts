import { UsageError } from "./command-line.ts";

/**
 * Refuses flags and words that the command does not take: one that is silently ignored may be what the
 * person relied on.
 */
export function takeOnly(
  command: string,
  given: { rest: readonly string[]; flags: Record<string, string | boolean> },
  takes: { words?: readonly [min: number, max: number]; flags?: readonly string[] },
): void {
  const [min, max] = takes.words ?? [0, 0];
  const common = ["sim", "env-file", "help", "version"];
  for (const flag of Object.keys(given.flags)) {
    if (common.includes(flag) || takes.flags?.includes(flag)) continue;
    throw new UsageError(`${command} does not take --${flag}.`);
  }
  if (given.rest.length < min)
    throw new UsageError(`${command} needs ${min === 1 ? "one word" : `${min} words`} more.`);
  if (given.rest.length > max) {
    throw new UsageError(`${command} takes no further words; got "${given.rest.slice(max).join(" ")}".`);
  }
}
