import fc from "fast-check";
import { expect, test } from "vitest";
import { TradingError } from "../domain/errors.ts";
import { type Decimal, decimal, max, sum, ZERO } from "../domain/money.ts";
import { isTerminal, type OrderIntent, type VenueOrder } from "../domain/order.ts";
import { type Bench, bench, order, quoteOf, stock } from "../testing/fixtures.ts";
import type { GuardedBroker, OrderAnswer } from "./answers.ts";
import type { Policy } from "./policy.ts";
import { tradingStateFile } from "./trading-state.ts";

// S37 over random accounts, orders, histories and rates. What is expected is counted from the venue's own
// books and from the intents that reached it, never from the ledger that is being tested.

// A fixed seed: the same sequences every time, so that a red test is red for everybody.
const runs = { numRuns: 30, seed: 20_261_121 };

const ASK = decimal(100);
const DEVIATION = decimal("1.05");
const FEE = decimal(1);

interface World {
  currency: "USD" | "EUR";
  held: number;
  allowShort: boolean;
}

const world: fc.Arbitrary<World> = fc.record({
  currency: fc.constantFrom("USD" as const, "EUR" as const),
  held: fc.oneof(fc.constant(0), fc.integer({ min: -8, max: 12 })),
  allowShort: fc.constantFrom(true, true, false),
});

type Fate = "taken" | "lost" | "vanished" | "rejected";
type Act =
  | {
      kind: "order";
      side: "BUY" | "SELL";
      size: number;
      how: "market" | "limit" | "stop" | "cash";
      fate: Fate;
      key: number;
      server: 0 | 1;
    }
  | { kind: "fill"; which: number; part: number; price: number }
  | { kind: "cancel"; which: number }
  | { kind: "rate"; cents: number }
  | { kind: "wait"; seconds: number }
  | { kind: "restart" };

const act: fc.Arbitrary<Act> = fc.oneof(
  {
    weight: 14,
    arbitrary: fc.record({
      kind: fc.constant("order" as const),
      side: fc.constantFrom("BUY" as const, "SELL" as const),
      size: fc.integer({ min: 1, max: 12 }),
      how: fc.constantFrom("market" as const, "limit" as const, "stop" as const, "cash" as const),
      fate: fc.constantFrom<Fate[]>(
        "taken",
        "taken",
        "taken",
        "taken",
        "taken",
        "lost",
        "lost",
        "vanished",
        "rejected",
      ),
      key: fc.integer({ min: 0, max: 9 }),
      server: fc.constantFrom(0 as const, 1 as const),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant("fill" as const),
      which: fc.nat(9),
      part: fc.integer({ min: 1, max: 6 }),
      // Beyond the worst case as well: a fill counts in full, whatever it cost.
      price: fc.integer({ min: 90, max: 130 }),
    }),
  },
  fc.record({ kind: fc.constant("cancel" as const), which: fc.nat(9) }),
  fc.record({ kind: fc.constant("rate" as const), cents: fc.integer({ min: 50, max: 200 }) }),
  fc.record({ kind: fc.constant("wait" as const), seconds: fc.constantFrom(1, 90) }),
  fc.record({ kind: fc.constant("restart" as const) }),
);

const acts = fc.array(act, { minLength: 5, maxLength: 22 });

/** An order that reached the venue, as it was when it was sent. */
interface Sent {
  intent: OrderIntent;
  /** What was held, and taken by other orders on the same side, when it arrived. */
  held: Decimal;
  reserved: Decimal;
  rate: Decimal;
  /** Null for a proven exit. */
  worst: Decimal | null;
  key: number | null;
}

interface Stage {
  at: Bench;
  servers: [GuardedBroker, GuardedBroker];
  sent: Sent[];
  rate: Decimal;
  /** What the last call answered, or null where it failed. */
  last: OrderAnswer | null;
}

const AAPL = (currency: string) => stock("AAPL", { currency });

function stage({ currency, held, allowShort }: World, limits: Partial<Policy> = {}): Stage {
  const policy = { allowShort, ...limits };
  const at = bench(policy, [AAPL(currency)]);
  at.venue.hold(AAPL(currency), String(held));
  at.venue.rates.set("EUR/USD", "1.5");
  const made: Stage = {
    at,
    servers: [at.guard, at.another()],
    sent: [],
    rate: decimal("1.5"),
    last: null,
  };
  return made;
}

const remaining = (each: VenueOrder) => max(ZERO, (each.quantity ?? ZERO).minus(each.filledQuantity ?? ZERO));
const working = (at: Bench) => [...at.venue.orders.values()].filter((each) => !isTerminal(each.status));
const heldNow = (at: Bench) => at.venue.held.get("id-AAPL") ?? ZERO;

async function perform(on: Stage, step: Act): Promise<void> {
  const { at } = on;
  const { venue } = at;
  on.last = null;
  const open = working(at);
  const chosen = "which" in step ? open[step.which % Math.max(1, open.length)] : undefined;
  switch (step.kind) {
    case "order":
      return placeOne(on, step);
    case "fill": {
      const left = chosen && remaining(chosen);
      if (chosen && left?.gt(0)) {
        venue.fill(
          chosen.orderId,
          left.lt(step.part) ? left.toFixed() : String(step.part),
          String(step.price),
        );
      }
      return;
    }
    case "cancel":
      if (chosen) await refusable(on.servers[0].cancel(chosen.orderId));
      return;
    case "rate":
      on.rate = decimal(step.cents).div(100);
      venue.rates.set("EUR/USD", on.rate.toFixed());
      return;
    case "restart":
      on.servers = [at.another(), on.servers[0]];
      return;
    case "wait":
      if (step.seconds > 60) venue.settle();
      at.clock.advance(step.seconds * 1_000);
      at.freshQuotes();
  }
}

async function placeOne(on: Stage, step: Act & { kind: "order" }): Promise<void> {
  const { at } = on;
  const { venue } = at;
  const key = step.key > 4 ? step.key : null;
  // Under a key the same words are said again each time.
  const { side, size, how } =
    key === null ? step : ({ side: key % 2 === 0 ? "BUY" : "SELL", size: key - 4, how: "limit" } as const);
  const buy = side === "BUY";
  const request =
    how === "cash"
      ? order("BUY", { cashAmount: String(size * 30) })
      : order(
          side,
          String(size),
          how === "limit"
            ? { limitPrice: buy ? "98" : "102" }
            : how === "stop"
              ? { stopPrice: buy ? "103" : "97" }
              : {},
        );
  venue.nextSubmits.push(async ({ intent }, gate) => {
    const look = await gate.begin();
    if (look.kind === "stop") return { kind: "not_sent", reason: look.reason, code: look.code };
    if (step.fate === "vanished") return { kind: "unknown", reason: "timeout", exchanges: [] };
    const side = working(at).filter((each) => each.side === intent.side);
    const rate = intent.instrument.currency === "USD" ? decimal(1) : on.rate;
    on.sent.push({
      intent,
      held: heldNow(at),
      reserved: sum(side.map(remaining)),
      rate,
      worst: gate.isExit ? null : worstOf(intent).times(rate),
      key,
    });
    if (step.fate === "rejected") return { kind: "rejected", reason: "no", exchanges: [] };
    const taken = venue.accept(intent);
    if (intent.cashAmount !== null) {
      // The venue spends the amount at once, at the ask.
      venue.fill(taken.orderId, intent.cashAmount.div(ASK).toFixed(4), ASK.toFixed());
      venue.amend(taken.orderId, { status: "filled" });
    }
    if (step.fate === "lost") return { kind: "unknown", reason: "timeout", exchanges: [] };
    const told = venue.orders.get(taken.orderId) ?? null;
    return { kind: "acknowledged", orderId: taken.orderId, order: told, exchanges: [] };
  });
  try {
    on.last = await on.servers[step.server].place({
      ...request,
      idempotencyKey: key === null ? null : `key-${key}`,
    });
  } catch (error) {
    if (!(error instanceof TradingError)) throw error;
  }
  venue.nextSubmits.length = 0;
  at.freshQuotes();
}

async function refusable(call: Promise<unknown>): Promise<void> {
  await call.catch((error: unknown) => {
    if (!(error instanceof TradingError)) throw error;
  });
}

/** S22, written down a second time: what an entry may cost, in the currency that it is priced in. */
function worstOf({ side, quantity, cashAmount, limitPrice, stopPrice }: OrderIntent): Decimal {
  if (cashAmount !== null) return cashAmount;
  if (quantity === null) throw new Error("an order without a size was sent");
  if (side === "BUY" && limitPrice !== null) return quantity.times(limitPrice);
  return quantity.times(max(ASK, stopPrice ?? ASK, limitPrice ?? ASK)).times(DEVIATION);
}

/** What the entries that reached the venue have cost and may still cost, each at its own rate. */
function committedBy(on: Stage): Decimal {
  return sum(
    on.sent.map(({ intent, worst, rate }) => {
      const taken = [...on.at.venue.orders.values()].find(
        (each) => each.clientOrderId === intent.clientOrderId,
      );
      if (worst === null || taken === undefined) return ZERO;
      const fills = on.at.venue.fills.filter((fill) => fill.clientOrderId === intent.clientOrderId);
      const spent = sum(fills.map((fill) => fill.quantity.times(fill.price))).times(rate);
      const left = isTerminal(taken.status) ? ZERO : remaining(taken);
      return spent.plus(intent.quantity === null ? ZERO : worst.times(left).div(intent.quantity));
    }),
  );
}

async function inStage(
  setting: World,
  limits: Partial<Policy>,
  steps: Act[],
  check: (on: Stage, step: Act, before: number) => void | Promise<void>,
): Promise<Stage> {
  const on = stage(setting, limits);
  for (const step of steps) {
    const before = on.sent.length;
    await perform(on, step);
    await check(on, step, before);
  }
  return on;
}

test("S37: at decision time no cap is exceeded by fills plus the worst case of all that works", async () => {
  const caps = fc.record({
    order: fc.integer({ min: 200, max: 1_200 }),
    day: fc.integer({ min: 1_200, max: 2_500 }),
  });
  let entries = 0;
  await fc.assert(
    fc.asyncProperty(world, caps, acts, async (setting, { order: most, day }, steps) => {
      const limits = {
        maxOrderValue: decimal(most),
        maxDailyValue: decimal(day),
        maxPositionValue: decimal(1_500),
      };
      const on = await inStage(setting, limits, steps, (now, _, before) => {
        const fresh = now.sent.slice(before).filter((each) => each.worst !== null);
        for (const { worst, intent, held, rate } of fresh) {
          entries += 1;
          expect(worst?.lte(most), `${worst?.toFixed()} in one order`).toBe(true);
          const total = committedBy(now);
          // A fee that the venue has told with its fills may have been counted, and never less.
          expect(total.lte(decimal(day)), `${total.toFixed()} committed`).toBe(true);
          // What others work on is left out here: each of them was worth something of its own at its own rate.
          const grown = max(ZERO, intent.side === "BUY" ? held : held.neg())
            .times(ASK)
            .times(rate);
          const position = grown.plus(worst ?? ZERO);
          expect(position.lte(1_500), `${position.toFixed()} in one position`).toBe(true);
        }
      });
      on.at.end();
    }),
    runs,
  );
  // The property says nothing about sequences in which nothing was ever let through.
  expect(entries).toBeGreaterThan(30);
});

test("S37: no accepted order can turn a long into an unwanted short, or a short into a long", async () => {
  const seen = { exits: 0, shorts: 0 };
  await fc.assert(
    fc.asyncProperty(world, acts, async (setting, steps) => {
      const on = await inStage(setting, {}, steps, (now, _, before) => {
        for (const { intent, held, reserved, worst } of now.sent.slice(before)) {
          const owned = max(ZERO, intent.side === "SELL" ? held : held.neg());
          const size = intent.quantity;
          if (worst === null) {
            seen.exits += 1;
            expect(size?.plus(reserved).lte(owned), `${size?.toFixed()} of ${owned.toFixed()} held`).toBe(
              true,
            );
          } else if (size !== null) {
            // What is no exit opens, and opens on its own side only.
            expect(owned.eq(ZERO), `an entry while ${owned.toFixed()} are to be reduced first`).toBe(true);
            if (intent.side === "SELL") seen.shorts += 1;
            if (intent.side === "SELL") expect(setting.allowShort).toBe(true);
          }
        }
      });
      on.at.end();
    }),
    runs,
  );
  expect(seen.exits).toBeGreaterThan(10);
  expect(seen.shorts).toBeGreaterThan(5);
});

test("S37: no proven exit is refused by what is there for entries", async () => {
  const policy = fc.record({
    maxOrderValue: fc.constantFrom(decimal(1), decimal(100_000)),
    maxDailyValue: fc.constantFrom(null, decimal(1)),
    maxPositionValue: fc.constantFrom(null, decimal(1)),
    maxDailyLoss: fc.constantFrom(null, decimal(1)),
    maxOrdersPerMinute: fc.constantFrom(1, 1_000),
    denylist: fc.constantFrom([], ["AAPL"]),
    allowlist: fc.constantFrom([], ["MSFT"]),
    allowShort: fc.boolean(),
  });
  const sick = fc.record({
    quote: fc.boolean(),
    orders: fc.boolean(),
    rate: fc.boolean(),
    reducing: fc.boolean(),
    skewed: fc.boolean(),
    crowded: fc.boolean(),
    other: fc.boolean(),
  });
  const exit = fc.record({
    held: fc.integer({ min: 1, max: 12 }),
    share: fc.integer({ min: 1, max: 4 }),
    short: fc.boolean(),
    how: fc.constantFrom("market", "stop", "limit"),
    currency: fc.constantFrom("USD", "EUR"),
    pair: fc.boolean(),
  });
  await fc.assert(
    fc.asyncProperty(policy, sick, exit, async (limits, ill, want) => {
      const isPair = want.pair && !want.short;
      const name = isPair ? `BTC/${want.currency}` : "AAPL";
      const instrument = stock(name, {
        currency: want.currency,
        ...(isPair && { kind: "spot", usListed: null }),
      });
      const at = bench(limits, [instrument]);
      try {
        at.venue.hold(instrument, String(want.short ? -want.held : want.held));
        if (ill.rate) at.venue.rates.set("EUR/USD", "1.1");
        if (ill.crowded) {
          await at.guard.place(order(want.short ? "BUY" : "SELL", "0.0001", {}, name));
          at.venue.wire.length = 0;
        }
        if (ill.other) {
          // A server of today that allows nothing at all, in another currency.
          const strict = at.another({
            allowlist: ["XRP"],
            denylist: [name],
            riskCurrency: "CHF",
            allowShort: false,
          });
          await refusable(strict.place(order(want.short ? "SELL" : "BUY", "1", {}, name)));
        }
        if (ill.quote) at.venue.quotes.clear();
        else at.venue.quotes.set(instrument.id, quoteOf(instrument, at.clock.now()));
        if (ill.orders) at.venue.ordersUnread = "503";
        if (ill.skewed) at.venue.clockSkewMs = 600_000;
        if (ill.reducing) {
          tradingStateFile(at.stateDir, "ibkr").write("REDUCING", "operator", new Date(at.clock.now()));
        }
        const most = decimal(want.held).minus(ill.crowded ? "0.0001" : "0");
        const size = want.share === 4 ? most : decimal(want.held).times(want.share).div(4);
        const [limitPrice, stopPrice] = want.short ? ["99", "103"] : ["101", "97"];
        const prices = want.how === "limit" ? { limitPrice } : want.how === "stop" ? { stopPrice } : {};
        await at.guard.place(order(want.short ? "BUY" : "SELL", size.toFixed(), prices, name));
        expect(at.venue.wire).toHaveLength(1);
      } finally {
        at.end();
      }
    }),
    { ...runs, numRuns: 60 },
  );
});

test("S37: no order reaches the venue twice, whatever is lost, repeated or restarted", async () => {
  let repeats = 0;
  await fc.assert(
    fc.asyncProperty(world, acts, async (setting, steps) => {
      const on = await inStage(setting, {}, steps, (now) => {
        if (now.last?.replayed === true) repeats += 1;
      });
      const ids = on.sent.map(({ intent }) => intent.clientOrderId);
      expect(new Set(ids).size).toBe(ids.length);
      // A key stands for one order, on whichever server and after whichever loss it is used again.
      const keys = on.sent.flatMap(({ key }) => key ?? []);
      expect(new Set(keys).size).toBe(keys.length);
      on.at.end();
    }),
    runs,
  );
  expect(repeats).toBeGreaterThan(2);
});

test("S37: nothing that reached the venue is missing from the ledger after reconciliation", async () => {
  let lost = 0;
  await fc.assert(
    fc.asyncProperty(world, acts, async (setting, steps) => {
      const on = await inStage(setting, {}, steps, () => {});
      const { at } = on;
      lost += steps.filter((step) => step.kind === "order" && step.fate === "lost").length;
      at.venue.settle();
      at.clock.advance(5_000);
      at.freshQuotes();
      // A server that was not there when it happened knows it all from the journal and the venue.
      const late = at.another();
      await refusable(late.openOrders());
      for (const { orderId } of at.venue.orders.values()) await refusable(late.order(orderId));
      await late.history(1);
      for (const truth of at.venue.orders.values()) {
        const known = await late.order(truth.clientOrderId ?? "");
        expect(known).toMatchObject({ orderId: truth.orderId, side: truth.side });
        expect(known.filledQuantity?.toFixed()).toBe((truth.filledQuantity ?? ZERO).toFixed());
        expect(isTerminal(known.status)).toBe(isTerminal(truth.status));
      }
      // And it counts for what it cost: the fees come on top, of every fill of an entry.
      const entries = on.sent.filter(({ worst }) => worst !== null);
      const isOfEntry = (id: string | null) => entries.some(({ intent }) => intent.clientOrderId === id);
      const fees = sum(
        at.venue.fills.flatMap((fill) => {
          const rate = entries.find(({ intent }) => intent.clientOrderId === fill.clientOrderId)?.rate;
          return rate && isOfEntry(fill.clientOrderId) ? FEE.times(rate) : [];
        }),
      );
      const { limits, unresolved } = await late.posture();
      const vanished = at
        .records()
        .flatMap((each) => (each.kind === "intent" && unresolved.includes(each.clientOrderId) ? [each] : []));
      const open = sum(vanished.map(({ worstCase }) => (worstCase === null ? ZERO : decimal(worstCase))));
      const expected = committedBy(on).plus(fees).plus(open);
      expect(
        limits.committedToday?.minus(expected).abs().lt("0.000001"),
        `${limits.committedToday?.toFixed()} and not ${expected.toFixed()}`,
      ).toBe(true);
      at.end();
    }),
    runs,
  );
  expect(lost).toBeGreaterThan(20);
});
