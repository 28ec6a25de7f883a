import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { decimal } from "../domain/money.ts";
import type { OrderRequest } from "../domain/order.ts";
import { type Bench, bench, failure, order, refusedBy, stock } from "../testing/fixtures.ts";
import { story } from "../testing/ledger-of.ts";
import type { SubmitScript } from "../testing/scripted-venue.ts";
import { stillTrading } from "./groups.ts";

let at: Bench;
beforeEach(() => {
  at = bench();
});
afterEach(() => at.end());

const bracket = (quantity: string, more: Parameters<typeof order>[2] = {}, side: "BUY" | "SELL" = "BUY") =>
  order(side, quantity, { bracket: side === "BUY" ? ["110", "95"] : ["90", "105"], ...more });
const waiting = (quantity: string) => bracket(quantity, { limitPrice: "98", bracket: ["110", "90"] });

/** The venue takes the request, or a part of it, and its answer is lost. */
const lost: SubmitScript = async ({ intent }, gate) => {
  await gate.begin();
  at.venue.accept(intent);
  return { kind: "unknown", reason: "HTTP 503", exchanges: [] };
};

/** Nothing arrives, and nobody is told. */
const vanished: SubmitScript = async (_, gate) => {
  await gate.begin();
  return { kind: "unknown", reason: "the connection broke", exchanges: [] };
};

const legsOf = (answer: {
  group?: { legs: { role: string; orderId: string | null; status: string }[] } | null;
}) => answer.group?.legs.map(({ role, orderId, status }) => [role, orderId, status]);

function sell(quantity: string): OrderRequest {
  return order("SELL", quantity, { limitPrice: "100" });
}

describe("a bracket is one order of three legs", () => {
  test("its answer names every leg, and all three were on disk before it left", async () => {
    const answer = await at.guard.place(bracket("10"));
    expect(at.venue.wire).toEqual(["BUY 10 AAPL market", "SELL 10 AAPL limit", "SELL 10 AAPL stop"]);
    expect(legsOf(answer)).toEqual([
      ["entry", "1", "filled"],
      ["take_profit", "2", "submitted"],
      ["stop_loss", "3", "submitted"],
    ]);
    expect(at.kinds().slice(0, 6)).toEqual([
      "intent",
      "intent",
      "intent",
      "dispatch",
      "dispatch",
      "dispatch",
    ]);
    const groups = at
      .records()
      .flatMap((each) => (each.kind === "intent" ? [[each.group?.role, each.exit]] : []));
    expect(groups).toEqual([
      ["take_profit", true],
      ["stop_loss", true],
      ["entry", false],
    ]);
  });

  test("H15: its exits outlive the day, whatever the entry's time in force", async () => {
    await at.guard.place(waiting("10"));
    expect([...at.venue.orders.values()].map((each) => each.timeInForce)).toEqual(["DAY", "GTC", "GTC"]);
  });

  test("order_status of any leg tells the whole bracket, and open_orders lists all of them as ours", async () => {
    await at.guard.place(waiting("10"));
    expect(legsOf(await at.guard.order("3"))).toEqual([
      ["entry", "1", "submitted"],
      ["take_profit", "2", "submitted"],
      ["stop_loss", "3", "submitted"],
    ]);
    const { orders } = await at.guard.openOrders();
    expect(new Set(orders.map((each) => each.orderId))).toEqual(new Set(["1", "2", "3"]));
    expect(orders.flatMap((each) => each.warnings)).toEqual([]);
  });

  test("S18: its key answers the same bracket, and refuses one with other exits", async () => {
    const keyed = { ...waiting("10"), idempotencyKey: "k" };
    await at.guard.place(keyed);
    expect(await at.guard.place(keyed)).toMatchObject({ replayed: true, orderId: "1" });
    const other = { ...keyed, bracket: { takeProfit: decimal(111), stopLoss: decimal(90) } };
    expect(await failure(at.guard.place(other))).toMatchObject({ code: "idempotency_key_reused" });
    expect(at.venue.wire).toHaveLength(3);
  });

  test("S20: a dry run sends nothing, and shows the legs", async () => {
    const dry = await at.another({ dryRun: true }).place(bracket("10"));
    expect(legsOf(dry)).toEqual([
      ["entry", null, "pending"],
      ["take_profit", null, "pending"],
      ["stop_loss", null, "pending"],
    ]);
    expect(at.venue.wire).toEqual([]);
  });

  test("a venue that does not take brackets as one is never given one", async () => {
    Object.assign(at.venue.broker, { takesBrackets: false });
    expect(await failure(at.guard.place(bracket("10")))).toMatchObject({ code: "not_supported" });
    expect(at.venue.wire).toEqual([]);
    expect(at.kinds()).not.toContain("intent");
  });

  test("L38, H8: the exits are judged at the entry's fill, and a refusal names the leg", async () => {
    const error = await failure(at.guard.place(bracket("10", { bracket: ["110", "101"] })));
    expect(refusedBy(error)).toEqual(["bracket-sides"]);
    expect(error.message).toContain("stop_loss 101");
    const whole = stock("WHOLE", { quantityStep: decimal(1) });
    at.end();
    at = bench({}, [whole]);
    const parts = await failure(at.guard.place({ ...bracket("1.5"), symbol: "WHOLE" }));
    expect((parts.checks ?? []).map((check) => check.message.split(":")[0])).toEqual([
      "entry",
      "take_profit",
      "stop_loss",
    ]);
  });

  test("an entry that would close a short is refused: its exits would open another", async () => {
    at.end();
    at = bench({ maxOrderValue: decimal(1) });
    at.venue.hold(stock("AAPL"), "-10");
    // It has none of the privileges of an exit either: every rule for entries is asked.
    expect(refusedBy(await failure(at.guard.place(bracket("10"))))).toEqual(["order-value", "bracket-sides"]);
  });
});

describe("S7: what a bracket reserves", () => {
  test("nothing of what was held before, while its entry waits", async () => {
    at.venue.hold(stock("AAPL"), "5");
    await at.guard.place(waiting("10"));
    expect((await at.guard.place(sell("5"))).orderId).toBe("4");
    expect(refusedBy(await failure(at.guard.place(sell("1"))))).toEqual(["oversell"]);
  });

  test("as much as its entry has opened, once for both exits", async () => {
    at.venue.hold(stock("AAPL"), "5");
    await at.guard.place(waiting("10"));
    at.venue.fill("1", "4");
    at.venue.settle();
    const tooMuch = await failure(at.guard.place(sell("5.5")));
    expect(tooMuch.message).toContain("already take 4 of them (2, 3): 5 are free");
    await at.guard.place(sell("5"));
  });

  test("what one exit has closed the other does not reserve any more, and fills count once (S4)", async () => {
    await at.guard.place(bracket("10"));
    at.venue.settle();
    at.venue.fill("2", "4", "110");
    at.venue.settle();
    expect((await at.guard.posture()).warnings.join()).not.toContain("orphaned");
    const free = await failure(at.guard.place(sell("1")));
    expect(free.message).toContain("6 AAPL are held, and working or unresolved orders already take 6");
    // The venue has made the stop smaller, so "filled" is 6 of it and not the 10 that it was placed with.
    at.venue.fill("3", undefined, "95");
    at.venue.settle();
    expect(await at.guard.order("3")).toMatchObject({ status: "filled", filledQuantity: decimal(6) });
    expect(await at.guard.order("2")).toMatchObject({ filledQuantity: decimal(4) });
    const positions = await at.guard.positions();
    expect(positions).toMatchObject({ kind: "read", value: [] });
  });

  test("S5: two resting sells that the venue does not keep together are two sells", async () => {
    at.venue.hold(stock("AAPL"), "10");
    await at.guard.place(order("SELL", "10", { stopPrice: "95" }));
    expect(refusedBy(await failure(at.guard.place(order("SELL", "10", { limitPrice: "110" }))))).toEqual([
      "oversell",
    ]);
  });

  test("exits that the venue has not confirmed as one bracket reserve each for itself", () => {
    const told = story();
    const exits = ["tp", "sl"];
    for (const id of exits) {
      told.intent(
        0,
        id,
        { side: "SELL" },
        { exit: true, worstCase: null, group: { id: "e", role: "stop_loss" } },
      );
    }
    told.intent(0, "e", {}, { group: { id: "e", role: "entry" } });
    told.outcome(1, "e", "acknowledged");
    told.fill(2, "e", "7");
    for (const id of exits) told.outcome(1, id, "acknowledged");
    const open = () => exits.flatMap((id) => told.ledger.orders.get(id) ?? []);
    expect(stillTrading(open(), told.ledger).toFixed()).toBe("14");
    told.seen(3, "tp", { orderId: "v-tp", parentOrderId: "v-e" });
    expect(stillTrading(open(), told.ledger).toFixed()).toBe("14");
    told.seen(3, "sl", { orderId: "v-sl", parentOrderId: "v-e" });
    expect(stillTrading(open(), told.ledger).toFixed()).toBe("7");
    told.seen(3, "sl", { orderId: "v-sl", parentOrderId: "another" });
    expect(stillTrading(open(), told.ledger).toFixed()).toBe("14");
  });

  test("the children of somebody else's bracket count once, and no further than its entry was filled", async () => {
    at.venue.hold(stock("AAPL"), "10");
    await at.guard.place(order("BUY", "1"));
    const [template] = [...at.venue.orders.values()];
    if (!template) throw new Error("no order");
    const foreign = { ...template, clientOrderId: null, quantity: decimal(6), status: "submitted" as const };
    const entry = { ...foreign, orderId: "901", filledQuantity: decimal(4) };
    at.venue.orders.set("901", entry);
    for (const orderId of ["902", "903"]) {
      const child = {
        ...foreign,
        orderId,
        parentOrderId: "901",
        side: "SELL" as const,
        filledQuantity: decimal(0),
      };
      at.venue.orders.set(orderId, child);
    }
    const tooMuch = await failure(at.guard.place(sell("8")));
    expect(tooMuch.message).toContain("already take 4 of them (902, 903)");
    at.venue.orders.delete("901");
    const unlisted = await failure(at.guard.place(sell("6")));
    expect(unlisted.message).toContain("already take 6 of them (902, 903)");
  });

  test("S9: a bracket whose position went elsewhere is an orphaned exit, counted once", async () => {
    await at.guard.place(bracket("10"));
    at.venue.settle();
    at.clock.advance(120_000);
    at.freshQuotes();
    at.venue.hold(stock("AAPL"), "3");
    const answer = await at.guard.place(order("BUY", "1", { limitPrice: "98" }));
    expect(answer.warnings.join()).toContain("SELL orders for 10 AAPL work (2, 3), and only 3 is held");
  });

  test("another server on the account, and one that starts anew, know the bracket", async () => {
    await at.guard.place(bracket("10"));
    at.venue.settle();
    const other = at.another();
    expect((await failure(other.place(sell("1")))).message).toContain("already take 10");
    expect(legsOf(await other.order("1"))?.map(([role]) => role)).toEqual([
      "entry",
      "take_profit",
      "stop_loss",
    ]);
  });

  test("close_position takes both exits away and sells what is held", async () => {
    await at.guard.place(bracket("10"));
    at.venue.settle();
    const closed = await at.guard.closePosition("AAPL", null);
    expect(closed.cancelled.sort()).toEqual(["2", "3"]);
    expect(at.venue.wire.slice(3)).toEqual(["cancel 2", "cancel 3", "SELL 10 AAPL market"]);
  });

  test("close_position leaves the exits of a bracket that waits to it", async () => {
    at.venue.hold(stock("AAPL"), "5");
    await at.guard.place(waiting("10"));
    const closed = await at.guard.closePosition("AAPL", null);
    expect(closed.cancelled).toEqual([]);
    expect(at.venue.wire.slice(3)).toEqual(["SELL 5 AAPL market"]);
  });
});

describe("close_position beside a bracket whose entry works", () => {
  test("leaves its exits to it, and takes only what protects the position away", async () => {
    at.venue.hold(stock("AAPL"), "5");
    await at.guard.place(order("SELL", "5", { stopPrice: "90" }));
    await at.guard.place(waiting("10"));
    const closed = await at.guard.closePosition("AAPL", null);
    expect(closed.cancelled).toEqual(["1"]);
    expect([...at.venue.orders.values()].map((each) => each.status)).toEqual([
      "cancelled",
      "submitted",
      "submitted",
      "submitted",
      "filled",
    ]);
  });

  test("S29: what a partly filled one opened is closed after its remainder was cancelled, never before", async () => {
    await at.guard.place(waiting("10"));
    at.venue.fill("1", "4");
    at.venue.settle();
    const error = await failure(at.guard.closePosition("AAPL", null));
    expect(error).toMatchObject({ code: "bracket_entry_working" });
    expect(error.nextStep).toContain("cancel_order on 1");
    expect(at.venue.wire).toHaveLength(3);
    await at.guard.cancel("1");
    at.freshQuotes();
    const closed = await at.guard.closePosition("AAPL", null);
    expect(closed.cancelled.sort()).toEqual(["2", "3"]);
    expect(at.venue.wire.at(-1)).toBe("SELL 4 AAPL market");
  });
});

describe("H3: a SELL bracket's two buys are capped once, at the dearer", () => {
  const short = (quantity: string, stopLoss: string) =>
    bracket(quantity, { bracket: ["90", stopLoss] }, "SELL");
  const cap = (value: string) => {
    at.end();
    at = bench({ allowShort: true, maxOrderValue: decimal(value) });
  };

  test("the stop-loss is worth more than the sale, and counts", async () => {
    cap("1100");
    // 10 × 105 plus 5 % is 1102.5; the sale alone would be 10 × 100 plus 5 %.
    const error = await failure(at.guard.place(short("10", "105")));
    expect(refusedBy(error)).toEqual(["order-value"]);
    expect(error.message).toContain("1102.50");
  });

  test("one of them, not both", async () => {
    cap("1103");
    const placed = await at.guard.place(short("10", "105"));
    expect(legsOf(placed)?.map(([role]) => role)).toEqual(["entry", "take_profit", "stop_loss"]);
    expect(at.venue.wire).toEqual(["SELL 10 AAPL market", "BUY 10 AAPL limit", "BUY 10 AAPL stop"]);
  });

  test("a BUY bracket's sales cost nothing", async () => {
    cap("1050");
    await at.guard.place(bracket("10", { bracket: ["200", "95"] }));
  });
});

describe("H7: half a bracket is told exactly", () => {
  test("an entry that stands alone is named, with the exits that are missing and the next step", async () => {
    at.venue.landsEntryAlone = true;
    const error = await failure(at.guard.place(waiting("10")));
    expect(error).toMatchObject({ code: "bracket_incomplete", retryable: false });
    expect(error.message).toContain("the entry is 1 (submitted, 0 filled); its take_profit was not found");
    expect(error.message).toContain("its stop_loss was not found");
    expect(error.nextStep).toContain("cancel_order on 1");
    expect(at.venue.wire).toEqual(["BUY 10 AAPL limit"]);
    const status = await at.guard.order("1");
    expect(status.warnings.join()).toContain("bracket_incomplete: the take_profit");
  });

  test("S3: a list that does not say whose the exits are is no loss: the entry names them", async () => {
    const list = at.venue.broker.orders.bind(at.venue.broker);
    at.venue.broker.orders = async () => {
      const read = await list();
      if (read.kind === "unread") return read;
      return {
        ...read,
        value: read.value.map((each) => ({ ...each, parentOrderId: null, childOrderIds: [] })),
      };
    };
    const placed = await at.guard.place(waiting("10"));
    expect(legsOf(placed)?.map(([, id]) => id)).toEqual(["1", "2", "3"]);
    const filled = await at.guard.place(bracket("10"));
    expect(legsOf(filled)?.map(([, id]) => id)).toEqual(["4", "5", "6"]);
  });

  test("S7: at its next decision as well, when the entry is filled by then", async () => {
    const one = at.venue.broker.order.bind(at.venue.broker);
    at.venue.broker.order = async () => Promise.reject(new Error("HTTP 503"));
    const list = at.venue.broker.orders.bind(at.venue.broker);
    at.venue.ordersUnread = "503";
    expect(await failure(at.guard.place(bracket("10")))).toMatchObject({ code: "bracket_incomplete" });
    at.venue.settle();
    at.venue.ordersUnread = null;
    at.venue.broker.orders = async () => {
      const read = await list();
      if (read.kind === "unread") return read;
      return { ...read, value: read.value.map((each) => ({ ...each, parentOrderId: null })) };
    };
    at.venue.broker.order = one;
    at.clock.advance(1_000);
    at.freshQuotes();
    const refused = await failure(at.guard.place(sell("1")));
    expect(refused.message).toContain("already take 10 of them (2, 3)");
  });

  test("found later, it is whole", async () => {
    at.venue.landsEntryAlone = true;
    await failure(at.guard.place(waiting("10")));
    const entry = at.venue.orders.get("1");
    if (!entry) throw new Error("no entry");
    for (const [orderId, type] of [
      ["2", "limit"],
      ["3", "stop"],
    ] as const) {
      at.venue.orders.set(orderId, {
        ...entry,
        orderId,
        clientOrderId: null,
        parentOrderId: "1",
        side: "SELL",
        orderType: type,
      });
    }
    at.clock.advance(1_000);
    await at.guard.openOrders();
    const status = await at.guard.order("1");
    expect(legsOf(status)?.map(([, id]) => id)).toEqual(["1", "2", "3"]);
    expect(status.warnings).toEqual([]);
  });

  test("L46: an answer that was lost behind a bracket that landed is found, leg by leg, and nothing is sent again", async () => {
    at.venue.nextSubmits.push(lost);
    const found = await at.guard.place(waiting("10"));
    expect(legsOf(found)?.map(([, id]) => id)).toEqual(["1", "2", "3"]);
    expect(at.venue.wire).toHaveLength(3);
  });

  test("behind half of one, it is told as half of one", async () => {
    at.venue.landsEntryAlone = true;
    at.venue.nextSubmits.push(lost);
    expect(await failure(at.guard.place(waiting("10")))).toMatchObject({ code: "bracket_incomplete" });
  });

  test("C7: of one that nobody finds nothing is known, and its exits may sell what is held (S5)", async () => {
    at.venue.hold(stock("AAPL"), "10");
    at.venue.nextSubmits.push(vanished);
    expect(await failure(at.guard.place(waiting("10")))).toMatchObject({ code: "outcome_unknown" });
    expect(refusedBy(await failure(at.guard.place(waiting("10"))))).toContain("unresolved");
    expect(refusedBy(await failure(at.guard.place(sell("1"))))).toEqual(["oversell"]);
    expect(at.venue.wire).toEqual([]);
  });

  test("one that was refused leaves nothing behind", async () => {
    at.venue.hold(stock("AAPL"), "10");
    at.venue.nextSubmits.push(async (_, gate) => {
      await gate.begin();
      return { kind: "rejected", reason: "no funds", exchanges: [] };
    });
    expect(await failure(at.guard.place(waiting("10")))).toMatchObject({ code: "order_rejected" });
    expect((await at.guard.openOrders()).orders).toEqual([]);
    await at.guard.place(sell("10"));
  });
});

describe("a trailing stop", () => {
  test("protects what is held, and reserves it", async () => {
    at.venue.hold(stock("AAPL"), "10");
    const placed = await at.guard.place(order("SELL", "10", { trailAmount: "3" }));
    expect(placed).toMatchObject({ orderType: "trailing_stop", trailAmount: decimal(3), timeInForce: "GTC" });
    expect(refusedBy(await failure(at.guard.place(sell("1"))))).toEqual(["oversell"]);
    const cancelled = await at.guard.cancel(placed.orderId ?? "");
    expect(cancelled.warnings.join()).toContain("unprotected");
  });

  test("C1: one that enters is worth its first trigger at the worst", async () => {
    at.end();
    at = bench({ maxOrderValue: decimal("1080") });
    const error = await failure(at.guard.place(order("BUY", "10", { trailAmount: "3" })));
    // 10 × (100 + 3) plus 5 %.
    expect(error.message).toContain("1081.50");
  });

  test("H15: outside the session it passes, because the venue holds it", async () => {
    at.venue.hold(stock("AAPL"), "10");
    at.venue.schedule = { sessions: [], alwaysOpen: false };
    expect((await at.guard.place(order("SELL", "10", { trailAmount: "3" }))).status).toBe("submitted");
  });

  test("M24: one that would trigger at once is refused", async () => {
    at.venue.hold(stock("AAPL"), "10");
    const error = await failure(at.guard.place(order("SELL", "10", { trailAmount: "0.05" })));
    expect(refusedBy(error)).toEqual(["trail-bounds"]);
  });

  test("S17: one of unknown fate holds its twin up, and no other distance", async () => {
    at.venue.hold(stock("AAPL"), "10");
    at.venue.nextSubmits.push(vanished);
    expect(await failure(at.guard.place(order("SELL", "4", { trailAmount: "3" })))).toMatchObject({
      code: "outcome_unknown",
    });
    at.freshQuotes();
    const twin = await failure(at.guard.place(order("SELL", "4", { trailAmount: "3" })));
    expect(refusedBy(twin)).toEqual(["unresolved"]);
    expect((await at.guard.place(order("SELL", "4", { trailAmount: "4" }))).status).toBe("submitted");
  });

  test("a distance that does not fit the type is refused before anything is asked", async () => {
    const none = { ...order("SELL", "1", { trailAmount: "3" }), trailAmount: null };
    expect(await failure(at.guard.place(none))).toMatchObject({ code: "trail_does_not_fit" });
    const stray = { ...order("SELL", "1", { stopPrice: "95" }), trailPercent: decimal(2) };
    expect(await failure(at.guard.place(stray))).toMatchObject({ code: "trail_does_not_fit" });
    const zero = order("SELL", "1", { trailAmount: "0" });
    expect(await failure(at.guard.place(zero))).toMatchObject({ code: "not_positive" });
  });

  test("close_position puts it back as it was when the sale does not happen", async () => {
    at.venue.hold(stock("AAPL"), "10");
    await at.guard.place(order("SELL", "10", { trailAmount: "3" }));
    at.venue.nextSubmits.push(async (_, gate) => {
      await gate.begin();
      return { kind: "rejected", reason: "no", exchanges: [] };
    });
    await failure(at.guard.closePosition("AAPL", null));
    expect([...at.venue.orders.values()].at(-1)).toMatchObject({
      orderType: "trailing_stop",
      status: "submitted",
    });
  });
});
