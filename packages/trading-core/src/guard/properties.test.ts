import fc from "fast-check";
import { expect, test } from "vitest";
import { TradingError } from "../domain/errors.ts";
import { type Decimal, decimal, max, min, sum, ZERO } from "../domain/money.ts";
import { isTerminal, type VenueOrder } from "../domain/order.ts";
import { type Bench, bench, order, stock } from "../testing/fixtures.ts";
import type { ScriptedVenue } from "../testing/scripted-venue.ts";

const AAPL = stock("AAPL");
// A fixed seed: the same sequences every time, so that a red test is red for everybody.
const runs = { numRuns: 30, seed: 20_260_610 };

type Act =
  | { kind: "sell"; size: number; how: "market" | "limit" | "stop"; fate: "taken" | "unknown" | "rejected" }
  | { kind: "buy"; size: number; limit: number }
  | { kind: "bracket"; size: number; limit: number; fate: "taken" | "unknown" }
  | { kind: "fill"; part: number; which: number }
  | { kind: "cancel" }
  | { kind: "settle" }
  | { kind: "blind"; what: "orders" | "positions" | "none" }
  | { kind: "wait"; seconds: number };

const act: fc.Arbitrary<Act> = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({
      kind: fc.constant("sell" as const),
      size: fc.integer({ min: 1, max: 12 }),
      how: fc.constantFrom("market" as const, "limit" as const, "stop" as const),
      fate: fc.constantFrom("taken" as const, "taken" as const, "unknown" as const, "rejected" as const),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant("buy" as const),
      size: fc.integer({ min: 1, max: 9 }),
      limit: fc.integer({ min: 90, max: 110 }),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant("bracket" as const),
      size: fc.integer({ min: 1, max: 9 }),
      limit: fc.integer({ min: 95, max: 99 }),
      fate: fc.constantFrom("taken" as const, "unknown" as const),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant("fill" as const),
      part: fc.integer({ min: 1, max: 6 }),
      which: fc.nat(9),
    }),
  },
  fc.record({ kind: fc.constant("cancel" as const) }),
  fc.record({ kind: fc.constant("settle" as const) }),
  fc.record({
    kind: fc.constant("blind" as const),
    what: fc.constantFrom("orders" as const, "positions" as const, "none" as const),
  }),
  fc.record({ kind: fc.constant("wait" as const), seconds: fc.constantFrom(1, 30, 90) }),
);

async function refusable(call: Promise<unknown>): Promise<void> {
  await call.catch((error: unknown) => {
    if (!(error instanceof TradingError)) throw error;
  });
}

/** What an order may still trade now: a bracket's exits together no more than its entry has opened. */
function openFor(venue: ScriptedVenue, of: VenueOrder): Decimal {
  const left = (of.quantity ?? ZERO).minus(of.filledQuantity ?? ZERO);
  const entry = of.parentOrderId === null ? undefined : venue.orders.get(of.parentOrderId);
  if (entry === undefined) return left;
  const exits = [...venue.orders.values()].filter((each) => each.parentOrderId === of.parentOrderId);
  const closed = sum(exits.map((each) => each.filledQuantity ?? ZERO));
  return min(left, (entry.filledQuantity ?? ZERO).minus(closed));
}

/** The most that everything which works may sell: of a bracket's exits the larger, since one takes the other away. */
function openSells(venue: ScriptedVenue): Decimal {
  const byGroup = new Map<string, Decimal>();
  for (const each of venue.orders.values()) {
    if (each.side !== "SELL" || isTerminal(each.status)) continue;
    const group = each.parentOrderId ?? `alone ${each.orderId}`;
    byGroup.set(group, max(byGroup.get(group) ?? ZERO, openFor(venue, each)));
  }
  return sum(byGroup.values());
}

async function perform(at: Bench, step: Act): Promise<void> {
  const { venue } = at;
  const working = [...venue.orders.values()].filter((each) => !isTerminal(each.status));
  switch (step.kind) {
    case "sell": {
      if (step.fate !== "taken") {
        venue.nextSubmits.push(async ({ intent }, gate) => {
          await gate.begin();
          if (step.fate === "rejected") return { kind: "rejected", reason: "no", exchanges: [] };
          venue.accept(intent);
          return { kind: "unknown", reason: "timeout", exchanges: [] };
        });
      }
      const prices =
        step.how === "market" ? {} : step.how === "limit" ? { limitPrice: "120" } : { stopPrice: "80" };
      await refusable(at.guard.place(order("SELL", String(step.size), prices)));
      venue.nextSubmits.length = 0;
      return;
    }
    case "buy":
      return refusable(at.guard.place(order("BUY", String(step.size), { limitPrice: String(step.limit) })));
    case "bracket": {
      if (step.fate === "unknown") {
        venue.nextSubmits.push(async ({ intent }, gate) => {
          await gate.begin();
          venue.accept(intent);
          return { kind: "unknown", reason: "timeout", exchanges: [] };
        });
      }
      const terms = { limitPrice: String(step.limit), bracket: ["120", "90"] as [string, string] };
      await refusable(at.guard.place(order("BUY", String(step.size), terms)));
      venue.nextSubmits.length = 0;
      return;
    }
    case "fill": {
      // A bracket's exits wait for what its entry opens.
      const live = working.filter((each) => openFor(venue, each).gt(ZERO));
      const first = live[step.which % Math.max(1, live.length)];
      const left = first && openFor(venue, first);
      if (first && left) venue.fill(first.orderId, left.lt(step.part) ? left.toFixed() : String(step.part));
      return;
    }
    case "cancel": {
      const [first] = working;
      if (first) await refusable(at.guard.cancel(first.orderId));
      return;
    }
    case "settle":
      return venue.settle();
    case "blind":
      venue.ordersUnread = step.what === "orders" ? "503" : null;
      venue.positionsUnread = step.what === "positions" ? "503" : null;
      return;
    case "wait":
      // Longer than the venue's list ever lags: it has caught up by then.
      if (step.seconds > 60) venue.settle();
      at.clock.advance(step.seconds * 1_000);
      at.freshQuotes();
  }
}

test("S37: no sequence of accepted sells can take more than is held", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(act, { minLength: 4, maxLength: 20 }), async (steps) => {
      const at = bench();
      try {
        at.venue.hold(AAPL, "10");
        for (const step of steps) {
          await perform(at, step);
          at.freshQuotes();
          const open = openSells(at.venue);
          const held = at.venue.held.get(AAPL.id) ?? ZERO;
          expect(open.lte(held), `${open.toFixed()} works against ${held.toFixed()} held`).toBe(true);
        }
      } finally {
        at.end();
      }
    }),
    runs,
  );
});

test("S37: what is committed never exceeds the day's cap when an order is let through", async () => {
  const cap = decimal(1_500);
  await fc.assert(
    fc.asyncProperty(fc.array(act, { minLength: 4, maxLength: 20 }), async (steps) => {
      const at = bench({ maxDailyValue: cap });
      try {
        at.venue.hold(AAPL, "10");
        for (const step of steps) {
          const before = at.venue.wire.length;
          await perform(at, step);
          at.freshQuotes();
          if ((step.kind !== "buy" && step.kind !== "bracket") || at.venue.wire.length === before) continue;
          const { committedToday } = (await at.guard.posture()).limits;
          expect(committedToday?.lte(cap), `${committedToday?.toFixed()} committed`).toBe(true);
        }
      } finally {
        at.end();
      }
    }),
    runs,
  );
});

test("S37: no cap, list, quote or state of entries stops a proven exit", async () => {
  const policy = fc.record({
    maxOrderValue: fc.constantFrom(decimal(1), decimal(1_000)),
    maxDailyValue: fc.constantFrom(null, decimal(1)),
    denylist: fc.constantFrom([], ["AAPL"]),
    allowlist: fc.constantFrom([], ["MSFT"]),
  });
  const world = fc.record({
    quote: fc.boolean(),
    orders: fc.boolean(),
    size: fc.integer({ min: 1, max: 10 }),
    stop: fc.boolean(),
  });
  await fc.assert(
    fc.asyncProperty(policy, world, async (limits, { quote, orders, size, stop }) => {
      const at = bench(limits);
      try {
        at.venue.hold(AAPL, "10");
        if (!quote) at.venue.quotes.clear();
        if (!orders) at.venue.ordersUnread = "503";
        await at.guard.place(order("SELL", String(size), stop ? { stopPrice: "80" } : {}));
        expect(at.venue.wire).toHaveLength(1);
      } finally {
        at.end();
      }
    }),
    runs,
  );
});
