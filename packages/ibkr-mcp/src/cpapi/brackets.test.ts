import { decimal } from "trading-core/domain/money";
import type { OrderRequest } from "trading-core/domain/order";
import type { GuardedBroker } from "trading-core/guard/answers";
import { createGuardedBroker } from "trading-core/guard/guarded-broker";
import { failure, policyOf } from "trading-core/testing/fixtures";
import type { FaultAction } from "venue-sim";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { startVenue, type TestVenue } from "./test-venue.ts";

// Brackets, trailing stops and stop-limits through the guard, the real adapter and the simulated gateway.

let venue: TestVenue;
let guard: GuardedBroker;
beforeEach(async () => {
  venue = await startVenue();
  market("100");
  guard = startGuard();
  await guard.posture();
  venue.gateway.control.clearRequests();
});
afterEach(async () => {
  guard.close();
  expect(venue.gateway.control.pacing.boxedUntil()).toBeNull();
  await venue.close();
});

function startGuard(): GuardedBroker {
  const quiet = { info() {}, warn() {}, error() {} };
  return createGuardedBroker({
    ...venue.connect(),
    policy: { ...policyOf({ allowShort: true }), calendar: "always_open" },
    clock: venue.clock,
    log: quiet,
    stateDir: venue.stateDir,
    journalPath: null,
  });
}

function market(price: string): void {
  venue.gateway.control.setPrice("AAPL", { last: price, bid: price, ask: price });
}

function ask(side: "BUY" | "SELL", quantity: string, more: Partial<OrderRequest> = {}): OrderRequest {
  return {
    symbol: "AAPL",
    side,
    orderType: "market",
    quantity: decimal(quantity),
    cashAmount: null,
    limitPrice: null,
    stopPrice: null,
    timeInForce: "DAY",
    ...more,
  };
}

const exits = { bracket: { takeProfit: decimal(110), stopLoss: decimal(95) } };
const waiting: Partial<OrderRequest> = {
  orderType: "limit",
  limitPrice: decimal(98),
  bracket: { takeProfit: decimal(104), stopLoss: decimal(94) },
};

const truth = () => venue.gateway.control.state().orders;
const held = () => venue.gateway.control.state().accounts[0]?.positions[0]?.quantity ?? "0";
const posts = () => venue.gateway.control.requests({ method: "POST", path: /account\/DU1234567\/orders$/ });
const legsOf = (answer: Awaited<ReturnType<GuardedBroker["place"]>>) =>
  answer.group?.legs.map(({ role, orderId, status }) => [role, orderId !== null, status]);

function next(milliseconds = 6_000): void {
  venue.gateway.clock.advance(milliseconds);
}

/** The next order call, or the reply that completes it, meets this fault. */
function fault(action: FaultAction, path: string | RegExp = /account\/DU1234567\/orders$/): void {
  venue.gateway.control.faults.add({ method: "POST", path, action });
}

describe("a bracket", () => {
  test("is one request of three tickets, and its questions are answered for all legs", async () => {
    const placed = await guard.place(ask("BUY", "10", exits));
    expect(legsOf(placed)).toEqual([
      ["entry", true, expect.any(String)],
      ["take_profit", true, "submitted"],
      ["stop_loss", true, "submitted"],
    ]);
    expect(posts()).toHaveLength(1);
    const { orders } = JSON.parse(posts()[0]?.body ?? "{}");
    const cOID = placed.clientOrderId;
    const ticket = { acctId: "DU1234567", conid: 265598, quantity: 10 };
    expect(orders).toEqual([
      { ...ticket, cOID, side: "BUY", orderType: "LMT", tif: "DAY", price: 105 },
      { ...ticket, parentId: cOID, side: "SELL", orderType: "LMT", tif: "GTC", price: 110 },
      { ...ticket, parentId: cOID, side: "SELL", orderType: "STP", tif: "GTC", price: 95 },
    ]);
    expect(placed.exchanges.flatMap((each) => each.questionIds)).toContain("o10331");
    expect(placed.exchanges.every((each) => each.answer === "confirmed")).toBe(true);
  });

  test("S7: the venue keeps its exits together: they wait for the entry, and one takes the other away", async () => {
    const placed = await guard.place(ask("BUY", "10", waiting));
    market("103");
    next();
    expect(truth().map((order) => order.status)).toEqual(["Submitted", "PreSubmitted", "PreSubmitted"]);
    market("98");
    next();
    market("104.50");
    next();
    expect(held()).toBe("0");
    expect(legsOf(await guard.order(placed.orderId ?? ""))).toEqual([
      ["entry", true, "filled"],
      ["take_profit", true, "filled"],
      ["stop_loss", true, "cancelled"],
    ]);
  });

  test("S5, S7: what it opened is reserved once, and close_position takes its exits away first", async () => {
    await guard.place(ask("BUY", "10", exits));
    next();
    expect(held()).toBe("10");
    expect(await failure(guard.place(ask("SELL", "1")))).toMatchObject({ code: "oversell" });
    const closed = await guard.closePosition("AAPL", null);
    expect(closed.cancelled).toHaveLength(2);
    next();
    expect(held()).toBe("0");
    expect(truth().map((order) => order.status)).toEqual(["Filled", "Cancelled", "Cancelled", "Filled"]);
  });

  test("H3: a SELL bracket opens a short, and its exits buy it back", async () => {
    const short = { bracket: { takeProfit: decimal(95), stopLoss: decimal(104) } };
    const placed = await guard.place(ask("SELL", "10", short));
    expect(legsOf(placed)?.map(([role]) => role)).toEqual(["entry", "take_profit", "stop_loss"]);
    next();
    expect(held()).toBe("-10");
    market("104");
    next();
    expect(held()).toBe("0");
  });

  test("a preview shows the request of all three, and says that the estimate is of the entry alone", async () => {
    const preview = await guard.preview(ask("BUY", "10", exits));
    expect(preview).toMatchObject({ allowed: true, group: { role: "entry" } });
    expect(preview.venue?.warnings.join()).toContain("entry alone");
    expect(truth()).toEqual([]);
  });

  test("one that the venue refuses leaves no leg behind", async () => {
    fault({ type: "reject", text: "We cannot accept this order." });
    expect(await failure(guard.place(ask("BUY", "10", exits)))).toMatchObject({ code: "order_rejected" });
    expect(truth()).toEqual([]);
    expect((await guard.openOrders()).orders).toEqual([]);
  });
});

describe("H7, L46: the answer to a bracket is lost, and every leg is accounted for", () => {
  const LAST = /iserver\/reply/;
  const lost: FaultAction[] = [
    { type: "503-after-landing" },
    { type: "body-cut" },
    { type: "reset-after-landing" },
  ];

  test.each(lost)("landed behind $type: all three are found, and nothing is sent again", async (action) => {
    // The bracket's third and last question: with the reply to it the orders land.
    venue.gateway.control.faults.add({ method: "POST", path: LAST, from: 3, action });
    const placed = await guard.place(ask("BUY", "10", waiting));
    expect(placed.message).toContain("found at the venue");
    expect(legsOf(placed)?.map(([role, found]) => [role, found])).toEqual([
      ["entry", true],
      ["take_profit", true],
      ["stop_loss", true],
    ]);
    expect(truth()).toHaveLength(3);
    expect(posts()).toHaveLength(1);
  });

  test.each([
    [1, "its take_profit was not found; its stop_loss was not found"],
    [2, "its stop_loss was not found"],
  ])("%i of 3 tickets landed: the naked entry and what is missing are named", async (tickets, missing) => {
    fault({ type: "half-bracket", tickets });
    const error = await failure(guard.place(ask("BUY", "10", waiting)));
    expect(error.code).toBe("bracket_incomplete");
    expect(error.message).toContain(missing);
    const entry = String(truth()[0]?.orderId);
    expect(error.message).toContain(`the entry is ${entry}`);
    expect(error.nextStep).toContain(`cancel_order on ${entry}`);
    expect(truth()).toHaveLength(tickets);
    expect(posts()).toHaveLength(1);
    // Whoever asks later, another server included, is told the same.
    const other = startGuard();
    expect((await other.order(entry)).warnings.join()).toContain("bracket_incomplete");
    other.close();
  });

  test("half of it landed behind a 503: told as half of it, not as a success", async () => {
    fault({ type: "half-bracket", tickets: 1 });
    venue.gateway.control.faults.add({
      method: "POST",
      path: LAST,
      from: 3,
      action: { type: "503-after-landing" },
    });
    expect(await failure(guard.place(ask("BUY", "10", waiting)))).toMatchObject({
      code: "bracket_incomplete",
    });
    expect(truth()).toHaveLength(1);
  });

  test("C7: nothing landed and nobody said so: it stays unresolved, and is not sent again", async () => {
    fault({ type: "reset" });
    const error = await failure(guard.place(ask("BUY", "10", waiting)));
    expect(error).toMatchObject({ code: "outcome_unknown" });
    expect(await failure(guard.place(ask("BUY", "10", waiting)))).toMatchObject({ code: "unresolved_order" });
    expect(truth()).toEqual([]);
  });
});

describe("stops that follow, and stops with a limit", () => {
  beforeEach(async () => {
    await guard.place(ask("BUY", "10"));
    next();
  });

  test("a trailing stop by amount follows the market up and never down, and sells behind it", async () => {
    const terms = { orderType: "trailing_stop", trailAmount: decimal(2), timeInForce: "GTC" } as const;
    const placed = await guard.place(ask("SELL", "10", terms));
    const { orders } = JSON.parse(posts().at(-1)?.body ?? "{}");
    expect(orders).toEqual([
      {
        acctId: "DU1234567",
        conid: 265598,
        cOID: placed.clientOrderId,
        side: "SELL",
        quantity: 10,
        orderType: "TRAIL",
        tif: "GTC",
        trailingType: "amt",
        trailingAmt: 2,
      },
    ]);
    next();
    market("105");
    next();
    market("103.01");
    next();
    expect(held()).toBe("10");
    market("103");
    next();
    expect(held()).toBe("0");
  });

  test("by percent, and told as such", async () => {
    const terms = { orderType: "trailing_stop", trailPercent: decimal("2.5"), timeInForce: "GTC" } as const;
    const placed = await guard.place(ask("SELL", "10", terms));
    expect(JSON.parse(posts().at(-1)?.body ?? "{}").orders[0]).toMatchObject({
      trailingType: "%",
      trailingAmt: 2.5,
    });
    expect(await guard.order(placed.orderId ?? "")).toMatchObject({
      orderType: "trailing_stop",
      trailPercent: decimal("2.5"),
    });
    market("97.50");
    next();
    expect(held()).toBe("0");
  });

  test("L11: a stop-limit stays unfilled when the price jumps past its limit", async () => {
    const terms = { orderType: "stop_limit", stopPrice: decimal(97), limitPrice: decimal(96) } as const;
    await guard.place(ask("SELL", "10", { ...terms, timeInForce: "GTC" }));
    expect(JSON.parse(posts().at(-1)?.body ?? "{}").orders[0]).toMatchObject({
      orderType: "STOP_LIMIT",
      price: 96,
      auxPrice: 97,
    });
    market("90");
    next();
    expect(held()).toBe("10");
    market("96.50");
    next();
    expect(held()).toBe("0");
  });
});
