import type { Exchange } from "../exchange/exchange.ts";
import { json, Refusal } from "../exchange/reply.ts";

/** Request weight and order counts, as the exchange counts and tells them. */
export interface Limits {
  /** Counts a request; refuses it when there were too many, and bans a client that goes on regardless. */
  count(weight: number): void;
  countOrders(orders: number): void;
  headers(): Record<string, string>;
  rateLimits(): object[];
  /** How many new orders of late. */
  orderCounts(): object[];
  reset(): void;
}

const MINUTE = 60_000;
const TEN_SECONDS = 10_000;
const DAY = 24 * 60 * MINUTE;
/** So many refused requests within a minute make a ban. */
const PATIENCE = 10;
const BAN = 2 * MINUTE;

/** A counter that starts anew with each interval of the clock. */
function intervalCounter(now: () => number, length: number) {
  let interval = 0;
  let used = 0;
  const roll = () => {
    const current = Math.floor(now() / length);
    if (current !== interval) used = 0;
    interval = current;
  };
  return {
    add: (amount: number) => {
      roll();
      used += amount;
      return used;
    },
    used: () => {
      roll();
      return used;
    },
    left: () => length - (now() % length),
    clear: () => {
      used = 0;
    },
  };
}

export function createLimits(exchange: Exchange): Limits {
  const now = () => exchange.clock.now();
  const weight = intervalCounter(now, MINUTE);
  const refused = intervalCounter(now, MINUTE);
  const tenSeconds = intervalCounter(now, TEN_SECONDS);
  const day = intervalCounter(now, DAY);
  let bannedUntil = 0;
  let ordersCounted = false;

  function refuseWith(status: number, code: number, msg: string, wait: number): never {
    throw new Refusal(json({ code, msg }, status, { "retry-after": String(Math.ceil(wait / 1_000)) }));
  }

  function count(amount: number): void {
    ordersCounted = false;
    if (!exchange.settings.pacing) return;
    if (now() < bannedUntil) {
      refuseWith(
        418,
        -1003,
        `Way too much request weight used; IP banned until ${bannedUntil}. Please use WebSocket Streams for live updates to avoid bans.`,
        bannedUntil - now(),
      );
    }
    const limit = exchange.settings.weightPerMinute;
    if (weight.add(amount) <= limit) return;
    if (refused.add(1) > PATIENCE) bannedUntil = now() + BAN;
    refuseWith(
      429,
      -1003,
      `Too much request weight used; current limit is ${limit} request weight per 1 MINUTE. Please use WebSocket Streams for live updates to avoid polling the API.`,
      weight.left(),
    );
  }

  function countOrders(orders: number): void {
    ordersCounted = true;
    if (!exchange.settings.pacing) return;
    const { ordersPer10Seconds, ordersPerDay } = exchange.settings;
    if (tenSeconds.used() + orders > ordersPer10Seconds) {
      const text = `Too many new orders; current limit is ${ordersPer10Seconds} orders per 10 SECOND.`;
      refuseWith(429, -1015, text, tenSeconds.left());
    }
    if (day.used() + orders > ordersPerDay) {
      refuseWith(
        429,
        -1015,
        `Too many new orders; current limit is ${ordersPerDay} orders per 1 DAY.`,
        day.left(),
      );
    }
    tenSeconds.add(orders);
    day.add(orders);
  }

  const limitOf = (type: string, interval: string, intervalNum: number, limit: number) => ({
    rateLimitType: type,
    interval,
    intervalNum,
    limit,
  });
  const orderLimits = () => [
    limitOf("ORDERS", "SECOND", 10, exchange.settings.ordersPer10Seconds),
    limitOf("ORDERS", "DAY", 1, exchange.settings.ordersPerDay),
  ];

  return {
    count,
    countOrders,
    headers: () => ({
      "x-mbx-used-weight": String(weight.used()),
      "x-mbx-used-weight-1m": String(weight.used()),
      ...(ordersCounted
        ? {
            "x-mbx-order-count-10s": String(tenSeconds.used()),
            "x-mbx-order-count-1d": String(day.used()),
          }
        : {}),
    }),
    rateLimits: () => [
      limitOf("REQUEST_WEIGHT", "MINUTE", 1, exchange.settings.weightPerMinute),
      ...orderLimits(),
      limitOf("RAW_REQUESTS", "MINUTE", 5, 61_000),
    ],
    orderCounts: () => {
      const counters = [tenSeconds, day];
      return orderLimits().map((limit, i) => ({ ...limit, count: counters[i]?.used() ?? 0 }));
    },
    reset: () => {
      for (const counter of [weight, refused, tenSeconds, day]) counter.clear();
      bannedUntil = 0;
    },
  };
}
