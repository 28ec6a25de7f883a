import { describe, expect, test } from "vitest";
import { decimal } from "../domain/money.ts";
import type { Fill } from "../domain/order.ts";
import { type Reading, read, unread } from "../domain/reading.ts";
import type { LedgerOrder } from "../journal/ledger-order.ts";
import { MORNING, policyOf } from "../testing/fixtures.ts";
import { story } from "../testing/ledger-of.ts";
import { manualClock } from "../testing/manual-clock.ts";
import type { Desk } from "./desk.ts";
import { fillsForDecision, readFills } from "./executions.ts";

const DAY_S = 24 * 60 * 60;

/** A desk whose venue answers with these fills, and the questions that it was asked. */
function deskWith(
  answer: () => Promise<Reading<Fill[]>>,
  rate: () => Promise<unknown> = async () => unread("none"),
) {
  const asked: [number, string[] | undefined][] = [];
  const ratesAsked: string[] = [];
  const desk = {
    clock: manualClock(MORNING),
    policy: policyOf(),
    broker: {
      fills: (days: number, symbols?: string[]) => {
        asked.push([days, symbols]);
        return answer();
      },
    },
    marketData: {
      rate: (from: string) => {
        ratesAsked.push(from);
        return rate();
      },
    },
  } as unknown as Desk;
  return { desk, asked, ratesAsked };
}
const NONE = async () => read<Fill[]>([], 0);

/** One order for each of these ages in seconds, on its own symbol; its fate is unknown. */
function lost(...ages: number[]) {
  const told = story();
  ages.forEach((age, index) => {
    const symbol = `S${index}`;
    told.intent(-age, `o${index}`, { symbol, instrumentId: symbol });
    told.outcome(-age, `o${index}`, "unknown");
  });
  return { ledger: told.ledger, orders: [...told.ledger.orders.values()] };
}

describe("executions are asked for as far back as the oldest order needs", () => {
  test.each([
    ["just now", 0, 1],
    ["an hour", 3_600, 2],
    ["a day", DAY_S, 2],
    ["a day and a second", DAY_S + 1, 3],
    ["a week, the most that venues tell", 20 * DAY_S, 7],
    ["the future, after the clock was set back", -3_600, 1],
  ])("%s", async (_, age, days) => {
    const { desk, asked } = deskWith(NONE);
    await readFills(desk, lost(age).orders);
    expect(asked).toEqual([[days, ["S0"]]]);
  });

  test("once for all orders, with each symbol once", async () => {
    const { desk, asked } = deskWith(NONE);
    const { orders } = lost(10, 3 * DAY_S);
    await readFills(desk, [...orders, ...orders]);
    expect(asked).toEqual([[4, ["S0", "S1"]]]);
  });

  test("what fails is unread with its reason, and throws nothing", async () => {
    const { desk } = deskWith(() => Promise.reject(new Error("503")));
    expect(await readFills(desk, lost(10).orders)).toEqual(unread("503"));
  });
});

describe("a decision waits for executions only where an order may hide among them", () => {
  test("not without one of unknown fate, and says so", async () => {
    const { desk, asked } = deskWith(NONE);
    const told = story();
    told.intent(-5, "a", {});
    told.outcome(-4, "a", "acknowledged");
    told.intent(-3, "b", {});
    expect(await fillsForDecision(desk, told.ledger)).toEqual(
      unread("not needed: no order is of unknown fate"),
    );
    expect(asked).toEqual([]);
  });

  test("for one whose answer was lost, and for one without any answer yet", async () => {
    const { desk, asked } = deskWith(NONE);
    expect(await fillsForDecision(desk, lost(5).ledger)).toEqual(read([], 0));
    const told = story();
    told.intent(-5, "a", {});
    told.at(-5, { kind: "dispatch", clientOrderId: "a" });
    await fillsForDecision(desk, told.ledger);
    expect(asked).toHaveLength(2);
  });
});

describe("S21: a fee in a third currency gets its rate", () => {
  const fill = (own: LedgerOrder | undefined, change: Partial<Fill> = {}): Fill =>
    ({
      executionId: "x1",
      orderId: own?.orderId ?? null,
      clientOrderId: own?.clientOrderId ?? null,
      instrumentId: "S0",
      symbol: "S0",
      side: "BUY",
      quantity: decimal(1),
      price: decimal(1),
      fee: decimal("0.1"),
      feeCurrency: "BNB",
      executedAt: 0,
      ...change,
    }) as Fill;
  const known = async () =>
    read({ from: "BNB", to: "USD", rate: decimal(600), asOf: Date.parse(MORNING) }, 0);

  test("asked for once for all of its fills", async () => {
    const { orders } = lost(5);
    const fills = [fill(orders[0]), fill(orders[0], { executionId: "x2" })];
    const { desk, ratesAsked } = deskWith(async () => read(fills, 0), known);
    const answer = await readFills(desk, orders);
    expect(ratesAsked).toEqual(["BNB"]);
    const rates = answer.kind === "read" ? answer.value.map((each) => each.feeRate?.rate.toFixed()) : [];
    expect(rates).toEqual(["600", "600"]);
  });

  test("where it is not known the fills are told without", async () => {
    const { orders } = lost(5);
    const { desk } = deskWith(async () => read([fill(orders[0])], 0));
    expect(await readFills(desk, orders)).toEqual(read([fill(orders[0])], 0));
  });

  test("not asked for the order's own currency, nor for an order of somebody else", async () => {
    const { orders } = lost(5);
    const fills = [fill(orders[0], { feeCurrency: "USD" }), fill(undefined, { clientOrderId: "theirs" })];
    const { desk, ratesAsked } = deskWith(async () => read(fills, 0), known);
    expect(await readFills(desk, orders)).toEqual(read(fills, 0));
    expect(ratesAsked).toEqual([]);
  });
});
