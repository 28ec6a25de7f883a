import { beforeEach, describe, expect, test } from "vitest";
import type { Position } from "../domain/account.ts";
import { decimal } from "../domain/money.ts";
import type { VenueOrder } from "../domain/order.ts";
import { type Reading, read, unread } from "../domain/reading.ts";
import { type Story, second, story } from "../testing/ledger-of.ts";
import { describeHeld, holdingsOf, reductionOf, reservedOn } from "./holdings.ts";

const ID = "id-AAPL";
let told: Story;
beforeEach(() => {
  told = story();
});

function listed(seconds: number, quantity: string): Reading<Position[]> {
  const rows = quantity === "0" ? [] : [{ instrumentId: ID, quantity: decimal(quantity) } as Position];
  return read(rows, second(seconds));
}

const held = (seconds: number, quantity: string) =>
  describeHeld(holdingsOf(ID, listed(seconds, quantity), told.ledger, second(seconds)));

/** Buys or sells this much, all of it executed and learnt at this second. */
function trade(seconds: number, id: string, side: "BUY" | "SELL", quantity: string): void {
  told.intent(seconds, id, { side, quantity }, { exit: side === "SELL", worstCase: null });
  told.outcome(seconds, id, "acknowledged");
  told.fill(seconds, id, quantity, { side });
}

describe("S1: a list that may lag behind our own fills", () => {
  test("without fills of ours it is what the venue lists", () => {
    expect(held(0, "7")).toBe("7");
  });

  test("after a buy, with and without it in the list", () => {
    told.noted(0, { AAPL: "5" });
    trade(10, "a", "BUY", "10");
    expect(held(11, "5")).toBe("15");
    expect(held(11, "15")).toBe("15");
  });

  test("after two fills, with none, the first or both of them in the list", () => {
    told.noted(0, { AAPL: "5" });
    trade(10, "a", "BUY", "10");
    trade(20, "b", "SELL", "3");
    expect([held(21, "5"), held(21, "15"), held(21, "12")]).toEqual(["12", "12", "12"]);
  });

  test("a list that fits no part of our fills: something outside traded, and both figures bound", () => {
    told.noted(0, { AAPL: "5" });
    trade(10, "a", "BUY", "10");
    expect(held(11, "9")).toBe("9…19");
    expect(held(11, "2")).toBe("2…15");
  });

  test("without a settled figure the list may hold any part of them", () => {
    trade(10, "a", "BUY", "10");
    expect(held(11, "10")).toBe("10…20");
    trade(12, "b", "SELL", "4");
    expect(held(13, "6")).toBe("2…16");
  });

  test("after a minute the list is believed again", () => {
    told.noted(0, { AAPL: "5" });
    trade(10, "a", "BUY", "10");
    expect(held(71, "4")).toBe("4");
    expect(held(70, "5")).toBe("15");
  });

  test("older fills since the settled figure belong to it", () => {
    told.noted(0, { AAPL: "5" });
    trade(10, "a", "BUY", "10");
    trade(100, "b", "SELL", "3");
    expect([held(101, "15"), held(101, "12")]).toEqual(["12", "12"]);
  });

  test("shorts count the same way with the other sign", () => {
    told.noted(0, { AAPL: "-5" });
    trade(10, "a", "BUY", "5");
    expect([held(11, "-5"), held(11, "0")]).toEqual(["0", "0"]);
    trade(12, "b", "SELL", "2");
    expect(held(13, "-5")).toBe("-2");
  });

  test("a settled figure from hours ago does not make somebody else's sale look like lag", () => {
    told.noted(0, { AAPL: "10" });
    trade(3 * 3600, "a", "BUY", "10");
    expect(held(3 * 3600 + 1, "10")).toBe("10…20");
  });

  test("a fill that the settled figure may have held already is not counted twice", () => {
    told.intent(0, "a", { orderType: "limit" });
    told.outcome(1, "a", "acknowledged");
    told.noted(20, { AAPL: "10" });
    told.fill(30, "a", "10", { executedAt: new Date(second(15)).toISOString() });
    expect(held(31, "10")).toBe("10…20");
    expect(held(95, "10")).toBe("10");
  });

  test("a resting order that fills long after the settled figure is counted exactly", () => {
    told.intent(0, "a", { orderType: "limit" });
    told.outcome(1, "a", "acknowledged");
    told.noted(20, { AAPL: "5" });
    told.fill(600, "a", "10");
    expect([held(601, "5"), held(601, "15")]).toEqual(["15", "15"]);
  });

  test("an order that was filled while nobody looked leaves what the list says", () => {
    told.intent(0, "a", { side: "SELL", orderType: "stop", quantity: "4" }, { exit: true, worstCase: null });
    told.outcome(1, "a", "acknowledged");
    told.noted(20, { AAPL: "10" });
    told.seen(3600, "a", { status: "filled", filledQuantity: "4" });
    expect(held(3601, "6")).toBe("6");
  });

  test("a fill that the venue's slow clock puts in the past is as recent as its news", () => {
    told.noted(0, { AAPL: "5" });
    told.intent(10, "a", {});
    told.outcome(10, "a", "acknowledged");
    told.fill(11, "a", "10", { executedAt: new Date(second(-300)).toISOString() });
    expect([held(12, "5"), held(12, "15")]).toEqual(["15", "15"]);
  });

  test("a figure that is known before its executions moves the position once", () => {
    told.noted(0, {});
    told.intent(10, "a", {});
    told.outcome(10, "a", "acknowledged", { status: "filled", filledQuantity: "10" });
    told.fill(15, "a", "10", { executedAt: new Date(second(10)).toISOString() });
    expect([held(16, "0"), held(16, "10")]).toEqual(["10", "10"]);
  });
});

describe("S8: positions that cannot be read", () => {
  const blind = (seconds: number) => holdingsOf(ID, unread("timeout"), told.ledger, second(seconds));

  test("the last reading with our own fills since is what is known, for a day", () => {
    told.noted(0, { AAPL: "5" });
    trade(10, "a", "BUY", "10");
    const seen = blind(20);
    expect(describeHeld(seen)).toBe("15");
    expect(seen.kind === "known" && seen.note).toContain("could not be read (timeout)");
    expect(blind(24 * 3600).kind).toBe("known");
    expect(blind(24 * 3600 + 1).kind).toBe("unknown");
  });

  test("without any reading it is unknown, not zero", () => {
    expect(blind(0)).toMatchObject({ kind: "unknown" });
  });
});

describe("what orders already take", () => {
  const foreign = (change: Partial<VenueOrder>) =>
    ({
      orderId: "f1",
      clientOrderId: null,
      instrumentId: ID,
      symbol: "AAPL",
      side: "SELL",
      quantity: decimal(6),
      filledQuantity: decimal(2),
      status: "submitted",
      ...change,
    }) as VenueOrder;
  const reserved = (others: VenueOrder[] = []) => reservedOn(ID, "SELL", told.ledger, others);

  test.each([
    ["working", "acknowledged"],
    ["unresolved", "unknown"],
  ] as const)("H2: %s orders reserve what they may still fill", (_, outcome) => {
    told.intent(0, "a", { side: "SELL", quantity: "5" });
    told.outcome(1, "a", outcome);
    told.fill(2, "a", "2", { side: "SELL" });
    expect(reserved().quantity.toFixed()).toBe("3");
  });

  test("an intent that is not dispatched yet reserves as well; a done or replaced one does not", () => {
    told.intent(0, "a", { side: "SELL", quantity: "5" });
    told.intent(0, "b", { side: "SELL", quantity: "5" });
    told.outcome(1, "b", "rejected");
    expect(reserved()).toMatchObject({ orderIds: ["a"] });
    expect(reservedOn(ID, "SELL", told.ledger, [], told.ledger.openOrders()).quantity.toFixed()).toBe("0");
  });

  test("foreign orders reserve their rest; done ones, other sides and instruments do not", () => {
    expect(reserved([foreign({})]).quantity.toFixed()).toBe("4");
    const none = [foreign({ status: "filled" }), foreign({ side: "BUY" }), foreign({ instrumentId: "x" })];
    expect(reserved(none).quantity.toFixed()).toBe("0");
    expect(reserved([foreign({ filledQuantity: decimal(9) })]).quantity.toFixed()).toBe("0");
    expect(reserved([foreign({ status: "inactive" })]).quantity.toFixed()).toBe("4");
  });

  test("an order whose size nobody knows takes everything", () => {
    const all = reserved([foreign({ quantity: null })]).quantity;
    const position = { kind: "known", low: decimal(1e6), high: decimal(1e6), note: "" } as const;
    const one = { side: "SELL", quantity: decimal(1) } as const;
    expect(reductionOf(one, position, { quantity: all, orderIds: [] }).kind).toBe("reserved");
  });
});

describe("S5: entry or exit", () => {
  const NONE = { quantity: decimal(0), orderIds: [] };
  const known = (low: string, high = low) =>
    ({ kind: "known", low: decimal(low), high: decimal(high), note: "" }) as const;
  const kind = (side: "BUY" | "SELL", quantity: string, low: string, high = low, taken = "0") =>
    reductionOf({ side, quantity: decimal(quantity) }, known(low, high), {
      ...NONE,
      quantity: decimal(taken),
    }).kind;

  test.each([
    ["SELL", "10", "10", "exit"],
    ["SELL", "10.0001", "10", "crosses_flat"],
    ["SELL", "1", "0", "not_held"],
    ["SELL", "1", "-5", "not_held"],
    ["BUY", "5", "-5", "exit"],
    ["BUY", "5.1", "-5", "crosses_flat"],
    ["BUY", "1", "0", "entry"],
    ["BUY", "1", "5", "entry"],
  ] as const)("%s %s of a position of %s: %s", (side, quantity, position, expected) => {
    expect(kind(side, quantity, position)).toBe(expected);
  });

  test("what works already is taken off, on both sides", () => {
    expect(kind("SELL", "5", "10", "10", "5")).toBe("exit");
    expect(kind("SELL", "6", "10", "10", "5")).toBe("reserved");
    expect(kind("BUY", "6", "-10", "-10", "5")).toBe("reserved");
  });

  test("of a span the figure nearer to nothing counts", () => {
    expect(kind("SELL", "10", "10", "20")).toBe("exit");
    expect(kind("SELL", "11", "10", "20")).toBe("crosses_flat");
    expect(kind("SELL", "1", "0", "10")).toBe("crosses_flat");
    expect(kind("BUY", "1", "-10", "0")).toBe("entry");
  });

  test("an order by amount is never an exit", () => {
    const byAmount = { side: "BUY", quantity: null } as const;
    expect(reductionOf(byAmount, known("0"), NONE).kind).toBe("entry");
    // No short is proven: as with a quantity, it is bounded by what entries may spend.
    expect(reductionOf(byAmount, known("-10", "0"), NONE).kind).toBe("entry");
    // How much of a short it would buy back is not known before: it may cross zero.
    expect(reductionOf(byAmount, known("-10", "-4"), NONE)).toMatchObject({
      kind: "crosses_flat",
      held: decimal(4),
    });
  });

  test("what is unknown proves nothing", () => {
    const unknown = { kind: "unknown", reason: "timeout" } as const;
    expect(reductionOf({ side: "SELL", quantity: decimal(1) }, unknown, NONE).kind).toBe("unknown");
  });
});
