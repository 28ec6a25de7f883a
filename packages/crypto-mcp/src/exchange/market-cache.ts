import { chmodSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import type { CcxtMarket } from "./ccxt.ts";

/** The form of the file; another one is read as no cache at all. */
const FORM = 1;
/** A new market, or one that ended, is known a day later at most. */
const LIFETIME_MS = 24 * 60 * 60_000;

export interface MarketCache {
  markets: CcxtMarket[];
  /** Epoch milliseconds. */
  readAt: number;
}

/**
 * Spot markets as they were read last, or null where the file is missing, too old, of another form or place,
 * or does not read as a list of spot markets.
 *
 * @param source where they were read from: a test system's markets are not the exchange's
 */
export function readMarketCache(path: string, source: string, now: number): MarketCache | null {
  let parsed: unknown;
  try {
    parsed = JSON.parse(readFileSync(path, "utf8"));
  } catch {
    // Serves both: without the file the exchange is asked.
    return null;
  }
  const file = parsed as { form?: unknown; source?: unknown; readAt?: unknown; markets?: unknown } | null;
  if (file === null || typeof file !== "object") return null;
  if (file.form !== FORM || file.source !== source || typeof file.readAt !== "number") return null;
  // A time ahead of ours says that a clock was wrong when it was written or is wrong now.
  if (file.readAt > now || now - file.readAt >= LIFETIME_MS) return null;
  const { markets, readAt } = file;
  return Array.isArray(markets) && markets.length > 0 && markets.every(isMarket) ? { markets, readAt } : null;
}

/** Replaced in one step, readable by its owner only. A disk that is full costs a request at the next start. */
export function writeMarketCache(
  path: string,
  source: string,
  markets: readonly CcxtMarket[],
  now: number,
): void {
  const fresh = `${path}.${process.pid}`;
  try {
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    writeFileSync(fresh, JSON.stringify({ form: FORM, source, readAt: now, markets }), { mode: 0o600 });
    chmodSync(fresh, 0o600);
    renameSync(fresh, path);
  } catch {
    // Serves both: the cache only saves time.
    remove(fresh);
  }
}

function remove(path: string): void {
  try {
    rmSync(path, { force: true });
  } catch {
    // Serves both: where nothing can be written, nothing is left behind either.
  }
}

function isMarket(value: unknown): value is CcxtMarket {
  if (typeof value !== "object" || value === null) return false;
  const market = value as Partial<CcxtMarket>;
  return (
    [market.id, market.symbol, market.base, market.quote].every((each) => typeof each === "string") &&
    market.spot === true &&
    market.contract !== true &&
    typeof market.precision === "object" &&
    typeof market.limits === "object" &&
    typeof market.info === "object"
  );
}
