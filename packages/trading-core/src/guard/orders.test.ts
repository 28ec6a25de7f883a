import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { OrderRequest } from "../domain/order.ts";
import { type Bench, bench, failure, order, stock } from "../testing/fixtures.ts";
import type { SubmitScript } from "../testing/scripted-venue.ts";

const AAPL = stock("AAPL");
let at: Bench;
beforeEach(() => {
  at = bench();
});
afterEach(() => at.end());

const LIMIT = order("BUY", "2", { limitPrice: "90" });
const lost: SubmitScript = async (_, gate) => {
  await gate.begin();
  return { kind: "unknown", reason: "the answer was lost", exchanges: [] };
};
/** Places an order whose answer is lost, and returns our id of it. */
async function losing(request: OrderRequest): Promise<string> {
  at.venue.nextSubmits.push(lost);
  await failure(at.guard.place(request));
  const intents = at.records().flatMap((each) => (each.kind === "intent" ? [each.clientOrderId] : []));
  return intents.at(-1) ?? "";
}

describe("one order, as the venue shows it now", () => {
  test("ours is told by either id, with what was filled and what it may still cost", async () => {
    const placed = await at.guard.place(LIMIT);
    at.venue.fill(placed.orderId ?? "", "1", "89.5");
    at.clock.advance(1_000);
    const told = await at.guard.order(placed.orderId ?? "");
    expect(told).toMatchObject({
      orderId: "1",
      clientOrderId: placed.clientOrderId,
      status: "partially_filled",
      symbol: "AAPL",
      side: "BUY",
      orderType: "limit",
      timeInForce: "DAY",
      currency: "USD",
      mode: "paper",
      accountType: "PAPER",
      dryRun: false,
      replayed: false,
      message: null,
      warnings: [],
      stopPrice: null,
      trailAmount: null,
      trailPercent: null,
      cashAmount: null,
    });
    const figures = [told.quantity, told.filledQuantity, told.averagePrice, told.limitPrice, told.notional];
    expect(figures.map((each) => each?.toFixed())).toEqual(["2", "1", "89.5", "90", "179.5"]);
    expect((await at.guard.order(placed.clientOrderId ?? "")).orderId).toBe("1");
  });

  test("somebody else's is told as the venue shows it, and said to be none of ours", async () => {
    const { orderId } = await at.guard.place(LIMIT);
    const own = at.venue.orders.get(orderId ?? "");
    at.venue.orders.set("900", {
      ...own,
      orderId: "900",
      clientOrderId: "theirs",
      side: "SELL",
      filledQuantity: own?.quantity ?? null,
      averagePrice: own?.limitPrice ?? null,
      message: "held",
    } as never);
    const told = await at.guard.order("900");
    expect(told).toMatchObject({
      orderId: "900",
      clientOrderId: "theirs",
      side: "SELL",
      message: "held",
      currency: null,
      journalSeq: null,
      accountType: "PAPER",
      warnings: ["this order was not placed by this journal's servers"],
    });
    expect(told.notional?.toFixed()).toBe("180");
    at.venue.amend("900", { averagePrice: null });
    expect((await at.guard.order("900")).notional).toBeNull();
  });

  test("one that nobody knows names where ids are found", async () => {
    expect(await failure(at.guard.order("77"))).toMatchObject({
      code: "order_not_found",
      message: "Neither the journal nor the venue knows an order 77.",
      nextStep: "Take the id from open_orders or trade_history.",
    });
  });

  test("without a verified account nothing is told of any order, and it is worth another try", async () => {
    at.venue.identity = new Error("a time-out");
    expect(await failure(at.another().order("77"))).toMatchObject({
      code: "account_unverified",
      retryable: true,
      message: "The account could not be verified: a time-out.",
      nextStep: "Look at session_status, then try again.",
    });
  });
});

describe("an order of unknown fate says so, and not to send it again", () => {
  const UNSEEN =
    "The venue has not been seen to hold this order, and has not been proven not to. It keeps its place in the " +
    "limits, and is looked for at every decision. Do not send it again.";

  test("an entry that the venue does not show", async () => {
    const told = await at.guard.order(await losing(LIMIT));
    expect(told).toMatchObject({ status: "unknown", message: UNSEEN, filledQuantity: null, orderId: null });
  });

  test("S15: an exit says besides what it reserves, and until when", async () => {
    at.venue.hold(AAPL, "5");
    const told = await at.guard.order(await losing(order("SELL", "2", { limitPrice: "120" })));
    expect(told.status).toBe("unknown");
    expect(told.message?.startsWith(`${UNSEEN} `)).toBe(true);
    expect(told.message).toMatch(/presumed absent/);
  });

  test("one that the venue shows as inactive", async () => {
    at.venue.nextSubmits.push(async ({ intent }, gate) => {
      await gate.begin();
      at.venue.amend(at.venue.accept(intent).orderId, { status: "inactive" });
      return { kind: "unknown", reason: "the answer was lost", exchanges: [] };
    });
    await failure(at.guard.place(LIMIT));
    const told = await at.guard.order("1");
    expect(told.message).toBe(
      "The venue lists this order (1) as inactive: a question about it may be unanswered, or it is held back. " +
        "It does not work, and keeps its place in the limits until the venue has dropped it, which takes a few " +
        "minutes. Do not send it again; look at it again.",
    );
  });
});

describe("waiting for a fill", () => {
  const waited = async (milliseconds: number, signal?: AbortSignal) => {
    const { orderId } = await at.guard.place(LIMIT);
    const began = at.clock.monotonic();
    const { timedOut } = await at.guard.waitForFill(orderId ?? "", milliseconds, signal);
    return { timedOut, after: at.clock.monotonic() - began };
  };
  test("looks every second, and a last time when the time is up", async () => {
    expect(await waited(2_500)).toEqual({ timedOut: true, after: 2_500 });
    expect(await waited(0)).toEqual({ timedOut: true, after: 0 });
  });
  test("ends at once when it is given up", async () => {
    expect(await waited(60_000, AbortSignal.abort())).toEqual({ timedOut: true, after: 0 });
  });
  test("ends with whatever ended the order", async () => {
    const { orderId } = await at.guard.place(LIMIT);
    at.venue.amend(orderId ?? "", { status: "expired" });
    expect(await at.guard.waitForFill(orderId ?? "", 60_000)).toMatchObject({
      timedOut: false,
      order: { status: "expired" },
    });
  });
});

test("open orders without the venue's list are ours, and said to be perhaps not all", async () => {
  const { orderId } = await at.guard.place(LIMIT);
  expect(await at.guard.openOrders()).toMatchObject({ complete: true, message: null });
  at.venue.ordersUnread = "503";
  const some = await at.guard.openOrders();
  expect(some).toMatchObject({
    complete: false,
    message:
      "The venue's list could not be relied on (503): these are the orders of this journal; others may exist.",
  });
  expect(some.orders.map((each) => each.orderId)).toEqual([orderId]);
});
