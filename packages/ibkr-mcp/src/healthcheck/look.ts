import { TradingError } from "trading-core/domain/errors";
import type { Posture } from "trading-core/guard/answers";
import type { MarketData } from "trading-core/ports/market-data";
import type { TimeBound } from "trading-mcp/healthcheck/time-bound";
import type { IbkrSettings } from "../settings.ts";
import type { IbkrVenue } from "../venue.ts";
import type { SessionFound } from "./session-checks.ts";

/** What most checks are made from: the guard's posture, the session, and a way to read more. */
export interface Seen {
  posture: Posture;
  found: SessionFound;
  marketData: MarketData;
}

/**
 * Composes the venue and looks at it. Changes nothing, unless `revive` asks for the brokerage session to be
 * opened first, as the server's next call would. Throws when the venue cannot be composed, or is too slow.
 */
export async function look(
  venue: IbkrVenue,
  settings: IbkrSettings,
  revive: boolean,
  bound: TimeBound,
): Promise<Seen> {
  const { session, guard, marketData } = await bound.within(venue.venue());
  const revival = revive ? await troubleOf(bound.within(session.ensureReady())) : null;
  const posture = await bound.within(guard.posture());
  const simulated = venue.policy.mode === "sim";
  return {
    posture,
    marketData,
    found: {
      state: posture.session,
      clockSkew: session.clockSkew(),
      gateway: simulated ? "The embedded simulator" : settings.IBKR_API_BASE_URL.origin,
      evidence: revival,
    },
  };
}

async function troubleOf(work: Promise<void>): Promise<TradingError | null> {
  try {
    await work;
    return null;
  } catch (error) {
    if (error instanceof TradingError) return error;
    throw error;
  }
}
