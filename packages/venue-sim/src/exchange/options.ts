import type { Clock } from "../market/clock.ts";
import { Big } from "../market/decimal.ts";
import type { OpeningAccount } from "../market/events.ts";

export type ExchangeKind = "binance" | "kraken";

/** What the exchange says and how it behaves; a scenario may change it while it runs. */
export interface ExchangeSettings {
  /** Added to the simulator's clock wherever the exchange tells or checks the time, milliseconds. */
  clockSkew: number;
  /** How long order and trade queries do not know what has just happened, milliseconds. */
  ordersLag: number;
  /** What the API key may do. */
  canTrade: boolean;
  canWithdraw: boolean;
  /** Whether the key works from listed addresses only. */
  ipRestricted: boolean;
  /** `maintenance`: quotes go on, trading is refused. */
  status: "online" | "maintenance";
  /** Enforces request limits. */
  pacing: boolean;
  /** Requests' weight per minute; where calls count up and wear off (Kraken), how much wears off in a minute. */
  weightPerMinute: number;
  /** New orders; only Binance counts them like this. */
  ordersPer10Seconds: number;
  ordersPerDay: number;
  /** Shares of the value, such as "0.001". */
  makerFee: string;
  takerFee: string;
}

export interface SimulatedExchangeOptions {
  kind: ExchangeKind;
  /** `manual` (default): time stands still until a test turns it. `real`: wall-clock time. */
  clock?: "manual" | "real" | Clock;
  /** Where a manual clock starts. */
  start?: Date | number | string;
  /** Of the price walk. */
  seed?: number;
  /** The one key that opens the account; `SIMULATED_KEYS` unless told. */
  apiKey?: string;
  apiSecret?: string;
  /** What the account opens with, by asset. */
  balances?: Record<string, number | string>;
  /** Each reset opens the account under a number of its own; see the gateway's option. */
  newAccountNumbers?: boolean;
  settings?: Partial<ExchangeSettings>;
  /** Keeps the account's events there; nothing is kept without it. */
  stateDir?: string;
  port?: number;
  /** Guards /sim/…; made up unless given. */
  token?: string;
}

/** Keys of a simulated exchange. The secret is base64, which one of the two kinds asks for. */
export const SIMULATED_KEYS = {
  apiKey: "simulated-exchange-api-key-0000000000000000000000000000000000000",
  apiSecret: Buffer.from("simulated exchange: this secret opens nothing that is real, ever").toString(
    "base64",
  ),
};

export const DEFAULT_SETTINGS: Record<ExchangeKind, ExchangeSettings> = {
  binance: {
    clockSkew: 0,
    ordersLag: 0,
    canTrade: true,
    canWithdraw: false,
    ipRestricted: false,
    status: "online",
    pacing: true,
    weightPerMinute: 6_000,
    ordersPer10Seconds: 100,
    ordersPerDay: 200_000,
    makerFee: "0.001",
    takerFee: "0.001",
  },
  kraken: {
    clockSkew: 0,
    ordersLag: 0,
    canTrade: true,
    canWithdraw: false,
    ipRestricted: false,
    status: "online",
    pacing: true,
    weightPerMinute: 60,
    ordersPer10Seconds: 60,
    ordersPerDay: 200_000,
    makerFee: "0.0025",
    takerFee: "0.004",
  },
};

const DEFAULT_BALANCES: Record<ExchangeKind, Record<string, string>> = {
  binance: { USDT: "100000", EUR: "10000" },
  kraken: { USD: "100000", EUR: "10000" },
};

const FIRST_ACCOUNT = 354_937_868;

/** @param openings how often the account was opened before */
export function openingAccount(options: SimulatedExchangeOptions, openings = 0): OpeningAccount {
  const number = FIRST_ACCOUNT + (options.newAccountNumbers === true ? openings : 0);
  const balances = options.balances ?? DEFAULT_BALANCES[options.kind];
  return {
    id: String(number),
    currency: "USD",
    cash: new Big(0),
    margin: false,
    isPaper: true,
    positions: [],
    balances: Object.entries(balances).map(([asset, quantity]) => ({ asset, quantity: new Big(quantity) })),
  };
}
