import type { Clock } from "../market/clock.ts";
import { Big } from "../market/decimal.ts";
import type { OpeningAccount } from "../market/events.ts";
import type { HoursOptions } from "../market/hours.ts";
import { instrumentOf } from "../market/instruments.ts";
import type { GatewayIdentity, GatewayLimits, GatewayTimings } from "./gateway.ts";
import type { SessionState } from "./session.ts";

export interface AccountOptions {
  /** `DU…` for paper (the default `DU1234567`), `U…` for live. */
  id?: string;
  currency?: string;
  /** Opening cash; 1,000,000 unless told. */
  cash?: number | string;
  /** Whether it may borrow and sell short (default true). */
  margin?: boolean;
  /** Holdings it opens with. */
  positions?: { symbol: string; quantity: number | string; averageCost?: number | string }[];
}

export interface SimulatedGatewayOptions {
  /**
   * `manual` (default): time stands still until a test turns it. `real`: wall-clock time.
   * A clock of one's own is taken as it is.
   */
  clock?: "manual" | "real" | Clock;
  /** Where a manual clock starts. */
  start?: Date | number | string;
  /** Of the price walk. */
  seed?: number;
  /** Accounts; one paper account unless told. */
  accounts?: AccountOptions[];
  /** A live login instead of a paper one: ids, isPaper, LOGIN_TYPE and type all agree. */
  live?: boolean;
  /**
   * Each reset opens accounts under numbers of their own, so that what a journal knows of the old account is
   * not mistaken for the new one's. The process form does; accounts with an `id` keep it.
   */
  newAccountNumbers?: boolean;
  /** Trading hours; open around the clock unless told. */
  hours?: HoursOptions;
  /** How the session begins; `ready` (logged in and bridged, accounts not read yet) unless told. */
  session?: SessionState;
  /** Enforces request limits and the penalty box (default true). */
  pacing?: boolean;
  timings?: Partial<GatewayTimings>;
  limits?: Partial<GatewayLimits>;
  identity?: Partial<GatewayIdentity>;
  /** Orders that can fill do so before their order call is answered (default: on the next tick). */
  immediateFills?: boolean;
  /** Keeps the account's events and the certificate there; nothing is kept without it. */
  stateDir?: string;
  port?: number;
  /** Guards /sim/…; made up unless given. */
  token?: string;
}

export const DEFAULT_TIMINGS: GatewayTimings = {
  positionsLag: 2_000,
  invalidatedLag: 500,
  ordersLag: 1_000,
  bridgeTime: 1_500,
  idleTimeout: 6 * 60_000,
  ticketLifetime: 60_000,
  ticketStatusDelay: 10_000,
  penalty: 900_000,
  unknownOrderDelay: 0,
};

export const DEFAULT_LIMITS: GatewayLimits = {
  orderSize: 500,
  orderValue: 100_000,
  pricePercent: 3,
  marketDataLines: 100,
};

export function identityFrom(options: SimulatedGatewayOptions): GatewayIdentity {
  return {
    isPaper: options.live !== true,
    loginType: options.live === true ? 1 : 2,
    accountType: options.live === true ? "INDIVIDUAL" : "DEMO",
    accountId: null,
    supportsFractions: true,
    supportsCashQuantity: true,
    messageIds: "documented",
    ...options.identity,
  };
}

const FIRST_ACCOUNT = 1_234_567;

/** @param openings how often accounts were opened before */
export function openingAccounts(options: SimulatedGatewayOptions, openings = 0): OpeningAccount[] {
  const number = FIRST_ACCOUNT + (options.newAccountNumbers === true ? openings : 0);
  return (options.accounts ?? [{}]).map((account) => ({
    id: account.id ?? `${options.live === true ? "U" : "DU"}${number}`,
    currency: account.currency ?? "USD",
    cash: new Big(account.cash ?? 1_000_000),
    margin: account.margin ?? true,
    isPaper: options.live !== true,
    positions: (account.positions ?? []).map(({ symbol, quantity, averageCost }) => {
      const instrument = instrumentOf(symbol);
      return {
        conid: instrument.conid,
        quantity: new Big(quantity),
        averageCost: new Big(averageCost ?? instrument.basePrice),
      };
    }),
  }));
}
