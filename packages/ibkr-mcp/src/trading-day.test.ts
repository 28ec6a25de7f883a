import { TradingError } from "trading-core/domain/errors";
import { type Decimal, decimal, plain, sum, ZERO } from "trading-core/domain/money";
import type { GuardedBroker } from "trading-core/guard/answers";
import { createGuardedBroker } from "trading-core/guard/guarded-broker";
import { createLedger } from "trading-core/journal/ledger";
import { filledQuantity } from "trading-core/journal/ledger-order";
import { order, policyOf } from "trading-core/testing/fixtures";
import { afterEach, beforeEach, expect, test } from "vitest";
import { startVenue, type TestVenue } from "./cpapi/test-venue.ts";
import { journalPath, readJournal } from "./crash/audit.ts";
import { pick, randomFrom } from "./crash/random.ts";

// A day of trading through the guard, the real adapter and the simulated gateway, on a clock set by hand.

const SYMBOLS = ["AAPL", "MSFT", "NVDA", "KO"] as const;
const ORDERS = 200;

let venue: TestVenue;
let guard: GuardedBroker;
beforeEach(async () => {
  venue = await startVenue();
  guard = createGuardedBroker({
    ...venue.connect(),
    policy: { ...policyOf(), calendar: "always_open" },
    clock: venue.clock,
    log: { info() {}, warn() {}, error() {} },
    stateDir: venue.stateDir,
    journalPath: null,
  });
});
afterEach(async () => {
  guard.close();
  await venue.close();
});

const truth = () => venue.gateway.control.state();
const cash = () => decimal(truth().accounts[0]?.cash ?? "0");
const held = (symbol: string) =>
  decimal(truth().accounts[0]?.positions.find((each) => each.symbol === symbol)?.quantity ?? "0");

test("after 200 mixed orders ledger, venue and trade_history agree to the share and to the cent", async () => {
  const random = randomFrom(2026);
  const prices = new Map<string, number>(SYMBOLS.map((symbol) => [symbol, 100]));
  const answers = new Map<string, number>();
  const began = cash();
  move(prices, random);
  await guard.posture();
  for (let done = 0; done < ORDERS; done++) {
    const symbol = pick(SYMBOLS, random);
    const answer = await tell(() => act(symbol, prices.get(symbol) ?? 100, random));
    answers.set(answer, (answers.get(answer) ?? 0) + 1);
    venue.gateway.clock.advance(6_000 + Math.floor(random() * 20_000));
    move(prices, random);
  }
  venue.gateway.clock.advance(120_000);
  await guard.openOrders();
  const { records, omitted } = await guard.history(100_000);

  // The day met every kind of order, and what was refused was refused for reasons of its own.
  for (const kind of KINDS) expect(answers.get(kind) ?? 0, `${kind} of ${told(answers)}`).toBeGreaterThan(4);
  const refusals = [...answers.keys()].filter((each) => !KINDS.includes(each));
  expect(REFUSED).toEqual(expect.arrayContaining(refusals));
  expect(omitted).toBe(0);

  const { orders, executions } = truth();
  const journal = readJournal(journalPath(venue.stateDir));
  expect(journal).toMatchObject({ torn: 0, problems: [] });
  const ledger = createLedger();
  for (const record of journal.records) ledger.apply(record);
  const sent = [...ledger.orders.values()].filter((own) => own.orderId !== null);
  expect(new Set(sent.map((own) => own.orderId))).toEqual(
    new Set(orders.map((each) => String(each.orderId))),
  );
  expect(sent).toHaveLength(orders.length);
  for (const own of sent) {
    const there = orders.find((each) => String(each.orderId) === own.orderId);
    expect(plain(filledQuantity(own)), own.orderId ?? "").toBe(plain(decimal(there?.filled ?? "-1")));
    expect(own.phase === "done", `${own.orderId}: ${own.status}, ${there?.status}`).toBe(
      ["Filled", "Cancelled", "Inactive"].includes(there?.status ?? ""),
    );
  }

  const fills = journal.records.flatMap((record) => (record.kind === "fill" ? [record] : []));
  const byId = new Map(fills.map((fill) => [fill.executionId, fill]));
  expect(new Set(byId.keys())).toEqual(new Set(executions.map((each) => each.executionId)));
  for (const each of executions) {
    const fill = byId.get(each.executionId);
    const { orderId, symbol, side } = each;
    expect(fill).toMatchObject({ orderId: String(orderId), symbol, side });
    for (const [mine, theirs] of [
      [fill?.quantity, each.quantity],
      [fill?.price, each.price],
      [fill?.fee, each.commission],
    ]) {
      expect(plain(decimal(mine ?? "-1")), each.executionId).toBe(plain(decimal(theirs ?? "-1")));
    }
  }

  // What the agent reads adds up to what the account holds, and to the money that is left.
  const story = new Map(
    records.filter((each) => each.kind === "fill").map((each) => [`${each.journalSeq}`, each]),
  );
  expect(story.size).toBe(fills.length);
  const moved = (symbol: string) =>
    total(
      [...story.values()].filter((each) => each.symbol === symbol),
      (each) => each.quantity,
    );
  for (const symbol of SYMBOLS) expect(plain(moved(symbol)), symbol).toBe(plain(held(symbol)));
  const spent = total([...story.values()], (each) =>
    plain(decimal(each.quantity ?? "0").times(each.price ?? "0")),
  );
  const fees = sum([...byId.values()].map((fill) => decimal(fill.fee ?? "0")));
  expect(plain(began.minus(spent).minus(fees))).toBe(plain(cash()));
}, 300_000);

const KINDS: string[] = [
  "market",
  "amount",
  "limit",
  "stop",
  "stop_limit",
  "trailing_stop",
  "bracket",
  "close",
  "cancel",
];
/** What may be refused on a day like this, where the size or the price was chosen to be refused, or a stop was gone. */
const REFUSED = ["oversell", "crosses_flat", "price_outside_collar", "nothing held", "nothing works"];

/** One call of the day; says which kind it was, or what stood in its way. */
async function act(symbol: string, price: number, random: () => number): Promise<string> {
  const free = held(symbol).minus(sum(selling(symbol)));
  const at = (factor: number) => (price * factor).toFixed(2);
  const size = String(1 + Math.floor(random() * 5));
  const kind = pick(["market", "amount", "too much", "too far", ...KINDS], random);
  const place = (...terms: Parameters<typeof order>) => guard.place(order(...terms));
  const exit = ["stop", "stop_limit", "trailing_stop"].includes(kind);
  if (exit && free.lt(1)) {
    await place("BUY", "3", { limitPrice: at(1.01) }, symbol);
    return "limit";
  }
  switch (kind) {
    case "market": {
      const sells = free.gte(size) && random() < 0.5;
      await place(sells ? "SELL" : "BUY", size, {}, symbol);
      return kind;
    }
    case "amount":
      await place("BUY", { cashAmount: String(50 + Math.floor(random() * 400)) }, {}, symbol);
      return kind;
    case "limit":
      await place("BUY", size, { limitPrice: at(random() < 0.5 ? 0.995 : 1.005) }, symbol);
      return kind;
    case "stop":
      await place("SELL", "1", { stopPrice: at(0.99) }, symbol);
      return kind;
    case "stop_limit":
      await place("SELL", "1", { stopPrice: at(0.99), limitPrice: at(0.98) }, symbol);
      return kind;
    case "trailing_stop":
      await place("SELL", "1", { trailAmount: at(0.01) }, symbol);
      return kind;
    case "bracket":
      await place(
        "BUY",
        size,
        { ...(random() < 0.5 && { limitPrice: at(0.995) }), bracket: [at(1.02), at(0.98)] },
        symbol,
      );
      return kind;
    case "close": {
      const { order: sale } = await guard.closePosition(symbol, null);
      return sale === null ? "nothing held" : kind;
    }
    case "cancel": {
      const [first, ...others] = (await guard.openOrders()).orders;
      if (first === undefined) return "nothing works";
      await guard.cancel(pick([first, ...others], random).orderId ?? "");
      return kind;
    }
    case "too much":
      await place("SELL", "10000", {}, symbol);
      return "sold what is not held";
    default:
      await place("BUY", "1", { limitPrice: at(1.5) }, symbol);
      return "bought at any price";
  }
}

/** What resting sells may take: a bracket's two exits are one. */
function selling(symbol: string): Decimal[] {
  const open = truth().orders.filter(
    (each) =>
      each.symbol === symbol && each.side === "SELL" && ["Submitted", "PreSubmitted"].includes(each.status),
  );
  const parents = new Set<number>();
  return open.flatMap((each) => {
    if (each.parentId !== null && parents.has(each.parentId)) return [];
    if (each.parentId !== null) parents.add(each.parentId);
    return [decimal(each.quantity ?? "0").minus(each.filled)];
  });
}

async function tell(call: () => Promise<string>): Promise<string> {
  try {
    return await call();
  } catch (error) {
    if (!(error instanceof TradingError)) throw error;
    return error.code;
  }
}

/** Every price goes a little up or down, as the day does. */
function move(prices: Map<string, number>, random: () => number): void {
  for (const [symbol, price] of prices) {
    const next = price * (0.994 + random() * 0.012);
    prices.set(symbol, next);
    venue.gateway.control.setPrice(symbol, { last: next.toFixed(2) });
  }
}

function total<T extends { side: string | null }>(rows: T[], of: (row: T) => string | null): Decimal {
  const amounts = rows.map((row) => decimal(of(row) ?? "0").times(row.side === "BUY" ? 1 : -1));
  return sum([ZERO, ...amounts]);
}

function told(answers: Map<string, number>): string {
  return [...answers].map(([answer, count]) => `${answer} ${count}`).join(", ");
}
