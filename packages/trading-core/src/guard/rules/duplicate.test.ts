import { expect, test } from "vitest";
import { decimal } from "../../domain/money.ts";
import type { OrderIntent } from "../../domain/order.ts";
import type { JournaledOrder } from "../../journal/record.ts";
import { story } from "../../testing/ledger-of.ts";
import { ruleInput } from "../../testing/rule-input.ts";
import { duplicate } from "./duplicate.ts";

/** The verdict on a new order beside one that was sent 30 seconds ago; both are a buy of one share. */
function beside(earlier: Partial<JournaledOrder>, now: Partial<OrderIntent>): string {
  const told = story();
  told.intent(-30, "a", { quantity: "1", ...earlier });
  told.outcome(-30, "a", "acknowledged");
  const policy = { duplicateWindowMs: 60_000, maxPriceDeviationPercent: decimal(5) };
  return duplicate.check(ruleInput({ intent: now, facts: { ledger: told.ledger }, policy })).verdict;
}

test("H14: one share and an amount of one are two orders, whichever comes first", () => {
  expect(beside({ quantity: null, cashAmount: "1" }, {})).toBe("pass");
  expect(beside({}, { quantity: null, cashAmount: decimal(1) })).toBe("pass");
  expect(beside({ quantity: null, cashAmount: "1.0" }, { quantity: null, cashAmount: decimal(1) })).toBe(
    "refuse",
  );
  expect(beside({ quantity: null, cashAmount: "1" }, { quantity: null, cashAmount: decimal(2) })).toBe(
    "pass",
  );
});

test("H14: one that bears an amount besides its quantity is another order than one that does not", () => {
  expect(beside({ cashAmount: "1" }, {})).toBe("pass");
  expect(beside({}, { cashAmount: decimal(1) })).toBe("pass");
});

test("S19: an order with a price is another than one without, for each of its prices", () => {
  for (const name of ["limitPrice", "stopPrice"] as const) {
    expect(beside({ [name]: "100" }, { [name]: null })).toBe("pass");
    expect(beside({ [name]: null }, { [name]: decimal(100) })).toBe("pass");
    expect(beside({ [name]: "100" }, { [name]: decimal("104.99") })).toBe("refuse");
    expect(beside({ [name]: "100" }, { [name]: decimal("105.01") })).toBe("pass");
    expect(beside({ [name]: "100" }, { [name]: decimal("95") })).toBe("refuse");
  }
});

test("S19: trails of another distance and brackets with other exits are other orders", () => {
  for (const name of ["trailAmount", "trailPercent"] as const) {
    expect(beside({ [name]: "3" }, {})).toBe("pass");
    expect(beside({}, { [name]: decimal(3) })).toBe("pass");
    expect(beside({ [name]: "3" }, { [name]: decimal(3) })).toBe("refuse");
    expect(beside({ [name]: "3" }, { [name]: decimal(4) })).toBe("pass");
  }
  const exits = (takeProfit: string, stopLoss: string) =>
    ({ exits: { takeProfit: decimal(takeProfit), stopLoss: decimal(stopLoss) } }) as Partial<OrderIntent>;
  const bracket = { takeProfit: "110", stopLoss: "90" };
  expect(beside(bracket, exits("110", "90"))).toBe("refuse");
  expect(beside(bracket, exits("120", "90"))).toBe("pass");
  expect(beside(bracket, exits("110", "80"))).toBe("pass");
  expect(beside(bracket, {})).toBe("pass");
  expect(beside({}, exits("110", "90"))).toBe("pass");
});

test("L49: what ended without a fill does not stand in the way, what was filled in part does", () => {
  const ended = (filledQuantity: string | null) => {
    const told = story();
    told.intent(-30, "a", { quantity: "1" });
    told.outcome(-30, "a", "acknowledged");
    told.seen(-20, "a", { status: "cancelled", filledQuantity, averagePrice: filledQuantity && "100" });
    const policy = { duplicateWindowMs: 60_000 };
    return duplicate.check(ruleInput({ facts: { ledger: told.ledger }, policy })).verdict;
  };
  expect(ended("0")).toBe("pass");
  expect(ended("0.5")).toBe("refuse");
});
