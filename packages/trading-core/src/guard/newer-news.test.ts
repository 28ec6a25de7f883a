import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { JournalRecord } from "../journal/record.ts";
import { type Bench, bench, failure, order, refusedBy, stock } from "../testing/fixtures.ts";
import type { GuardedBroker } from "./answers.ts";

/** S2: what another process journals between the reading of the facts and the decision on them. */
const AAPL = stock("AAPL");
let at: Bench;
let other: GuardedBroker;
/** How often the positions were read, by this test's guard and not within a step of the other one. */
let readings: number;
/** What happens after each reading of the facts, and before anything is decided on it. */
let meanwhile: (() => Promise<unknown>)[];
/** What the list of positions says instead, reading by reading. */
let listings: string[];

beforeEach(async () => {
  at = bench();
  at.venue.hold(AAPL, "10");
  other = at.another();
  readings = 0;
  meanwhile = [];
  listings = [];
  const read = at.venue.marketData.positions.bind(at.venue.marketData);
  let within = false;
  at.venue.marketData.positions = async () => {
    if (within) return read();
    readings++;
    const listed = listings.shift();
    if (listed !== undefined) at.venue.hold(AAPL, listed);
    const seen = await read();
    const step = meanwhile.shift();
    within = true;
    await step?.();
    within = false;
    return seen;
  };
  // Both have traded before: what is measured is the normal path, not the first look at an account.
  await at.guard.place(order("BUY", "1", {}, "MSFT"));
  await other.place(order("BUY", "1", {}, "MSFT"));
  readings = 0;
  at.venue.wire.length = 0;
});
afterEach(() => at.end());

const otherBuys = () => other.place(order("BUY", "1", { limitPrice: "90" }));
const otherSells = (quantity: string) => () => other.place(order("SELL", quantity));

describe("S2: nothing newer", () => {
  test("one process that trades alone reads its facts once for each order", async () => {
    for (const each of ["1", "2", "3"]) await at.guard.place(order("BUY", each));
    await at.guard.place(order("SELL", "4"));
    await at.guard.history(10);
    await at.guard.place(order("SELL", "1", { stopPrice: "95" }));
    expect(readings).toBe(5);
  });

  test("nor does a new process read twice because of what was journaled before it", async () => {
    await otherBuys();
    readings = 0;
    await at.another().place(order("BUY", "1"));
    expect(readings).toBe(1);
  });

  test("its own parallel calls do not overtake each other", async () => {
    await Promise.all(["1", "2", "3", "4"].map((each) => at.guard.place(order("BUY", each))));
    expect(readings).toBe(4);
    expect(at.venue.wire).toHaveLength(4);
  });

  test("another instrument's news is none", async () => {
    meanwhile.push(() => other.place(order("BUY", "1", {}, "MSFT")));
    await at.guard.place(order("BUY", "2"));
    expect(readings).toBe(1);
  });

  test("what only explains a fill that was known before is none", async () => {
    await other.place(order("BUY", "3"));
    await at.guard.place(order("BUY", "1", {}, "MSFT"));
    readings = 0;
    meanwhile.push(() => other.history(10));
    const before = at.kinds().filter((each) => each === "fill").length;
    await at.guard.place(order("BUY", "2"));
    expect(at.kinds().filter((each) => each === "fill").length).toBeGreaterThan(before);
    expect(readings).toBe(1);
  });
});

describe("S2: newer news", () => {
  test("an entry that was overtaken once or twice reads again, and goes through", async () => {
    meanwhile.push(otherBuys);
    await at.guard.place(order("BUY", "2"));
    expect(readings).toBe(2);
    meanwhile.push(otherBuys, otherBuys);
    await at.guard.place(order("BUY", "3"));
    expect(readings).toBe(5);
  });

  test("an entry that is overtaken each time is refused, and may be tried again", async () => {
    meanwhile.push(otherBuys, otherBuys, otherBuys);
    const error = await failure(at.guard.place(order("BUY", "2")));
    expect(error).toMatchObject({ code: "facts_changed", retryable: true });
    expect(refusedBy(error)).toEqual(["facts"]);
    expect(readings).toBe(3);
    expect(at.venue.wire).not.toContain("BUY 2 AAPL market");
    const last = at.records().at(-1) as JournalRecord & { kind: "refusal" };
    expect(last.kind).toBe("refusal");
    expect(last.checks.map((each) => each.code)).toContain("facts_changed");
    await at.guard.place(order("BUY", "2"));
    expect(at.venue.wire).toContain("BUY 2 AAPL market");
  });

  test("an exit that is overtaken each time is decided all the same", async () => {
    meanwhile.push(otherBuys, otherBuys, otherBuys);
    await at.guard.place(order("SELL", "10"));
    expect(readings).toBe(3);
    expect(at.venue.wire).toContain("SELL 10 AAPL market");
  });

  test("what another process sold meanwhile is not sold a second time", async () => {
    meanwhile.push(otherSells("6"));
    const error = await failure(at.guard.place(order("SELL", "10")));
    expect(error.code).toBe("crosses_flat");
    expect(readings).toBe(2);
    meanwhile.push(otherSells("1"), otherSells("2"), otherSells("1"));
    expect((await failure(at.guard.place(order("SELL", "4")))).code).toBe("oversell");
    expect(at.venue.wire.filter((each) => each.startsWith("SELL"))).toHaveLength(4);
  });

  test("of several readings an exit is decided on the one that shows the least", async () => {
    at.clock.advance(120_000);
    at.freshQuotes();
    listings = ["4", "10", "10"];
    meanwhile.push(otherBuys, otherBuys, otherBuys);
    expect((await failure(at.guard.place(order("SELL", "5")))).message).toContain(
      "the 4 held: the order would cross zero (the most cautious of 3 readings)",
    );
    listings = ["4", "10", "10"];
    meanwhile.push(otherBuys, otherBuys, otherBuys);
    await at.guard.place(order("SELL", "4"));
    expect(at.venue.wire).toContain("SELL 4 AAPL market");
  });

  test("a reading that nobody overtook stands alone", async () => {
    at.clock.advance(120_000);
    at.freshQuotes();
    listings = ["4", "10"];
    meanwhile.push(otherBuys);
    await at.guard.place(order("SELL", "10"));
    expect(readings).toBe(2);
  });

  test("a cancel and a fill that another process learnt of are news", async () => {
    const { orderId } = await at.guard.place(order("BUY", "1", { limitPrice: "90" }));
    readings = 0;
    meanwhile.push(async () => {
      at.venue.fill(orderId ?? "");
      await other.order(orderId ?? "");
    });
    await at.guard.place(order("BUY", "2"));
    expect(readings).toBe(2);
    const second = await at.guard.place(order("BUY", "1", { limitPrice: "91" }));
    readings = 0;
    meanwhile.push(() => other.cancel(second.orderId ?? ""));
    await at.guard.place(order("BUY", "3"));
    expect(readings).toBe(2);
  });

  test("an order that another process has under way is news, and so is how it ends", async () => {
    let begun = () => {};
    let end = () => {};
    const isBegun = new Promise<void>((resolve) => {
      begun = resolve;
    });
    const mayEnd = new Promise<void>((resolve) => {
      end = resolve;
    });
    at.venue.nextSubmits.push(async () => {
      begun();
      await mayEnd;
      return { kind: "rejected", reason: "margin", exchanges: [] };
    });
    let underWay: Promise<unknown> = Promise.resolve();
    meanwhile.push(async () => {
      underWay = failure(otherBuys());
      await isBegun;
    });
    await at.guard.place(order("BUY", "2"));
    expect(readings).toBe(2);
    readings = 0;
    meanwhile.push(async () => {
      end();
      await underWay;
    });
    await at.guard.place(order("BUY", "3"));
    expect(readings).toBe(2);
  });

  test("a repeated call is told of its order, whatever is newer", async () => {
    const request = { ...order("BUY", "2", { limitPrice: "90" }), idempotencyKey: "k" };
    meanwhile.push(() => other.place(request));
    expect((await at.guard.place(request)).replayed).toBe(true);
    expect(readings).toBe(1);
  });

  test("S29: a plan begins on facts that nobody overtook", async () => {
    const stop = await at.guard.place(order("SELL", "10", { stopPrice: "95" }));
    at.venue.wire.length = 0;
    readings = 0;
    meanwhile.push(otherBuys);
    const closed = await at.guard.closePosition("AAPL", null);
    expect(closed).toMatchObject({ cancelled: [stop.orderId], order: { status: "filled" } });
    expect(at.venue.wire).toEqual(["BUY 1 AAPL limit", `cancel ${stop.orderId}`, "SELL 10 AAPL market"]);
    expect(at.kinds().filter((each) => each === "plan")).toHaveLength(2);
    // Twice for the target, once to size the sale, once to decide it, once to see what is left.
    expect(readings).toBe(5);
  });
});
