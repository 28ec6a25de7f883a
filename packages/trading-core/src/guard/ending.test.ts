import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { VenueOrder } from "../domain/order.ts";
import { type Bench, bench, failure, order, stock } from "../testing/fixtures.ts";

/** What a server that was told to end still sends, and what it leaves on disk of what is on its way (S13). */
let at: Bench;
beforeEach(() => {
  at = bench();
});
afterEach(() => at.end());

const outcomes = () => at.records().filter((each) => each.kind === "outcome");

/** The server is told to end while the next order waits for the venue's line, and the line is free `later` ms after. */
function endBeforeTheLineIsFree(later: number, hurried = false): void {
  at.venue.nextSubmits.push(async ({ intent }, gate) => {
    void at.guard.drain();
    at.clock.advance(later);
    if (hurried) at.guard.hurry();
    const look = await gate.begin();
    if (look.kind === "stop") return { kind: "not_sent", reason: look.reason, code: look.code };
    const taken = at.venue.accept(intent);
    return { kind: "acknowledged", orderId: taken.orderId, order: taken, exchanges: [] };
  });
}

describe("S13: an order that has not left when the end begins", () => {
  test("an entry never leaves, and that is on disk", async () => {
    endBeforeTheLineIsFree(0);
    const error = await failure(at.guard.place(order("BUY", "1", { limitPrice: "90" })));
    expect(error).toMatchObject({ code: "shutting_down", details: { outcome: "not_sent" } });
    expect(error.nextStep).toContain("Start the server again");
    expect(at.venue.wire).toEqual([]);
    expect(outcomes()).toMatchObject([{ outcome: "not_sent" }]);
    expect(at.kinds()).not.toContain("dispatch");
  });

  test("an exit leaves while there is time to hear of it", async () => {
    at.venue.hold(stock("AAPL"), "10");
    endBeforeTheLineIsFree(3_000);
    await at.guard.place(order("SELL", "1", { limitPrice: "110" }));
    expect(at.venue.wire).toEqual(["SELL 1 AAPL limit"]);
  });

  test.each([
    ["three seconds later", 3_001, false],
    ["once everything is hurried", 0, true],
  ])("and no more %s", async (_when, later, hurried) => {
    at.venue.hold(stock("AAPL"), "10");
    endBeforeTheLineIsFree(later, hurried);
    const call = at.guard.place(order("SELL", "1", { limitPrice: "110" }));
    expect(await failure(call)).toMatchObject({ code: "shutting_down" });
    expect(at.venue.wire).toEqual([]);
    expect(outcomes()).toMatchObject([{ outcome: "not_sent" }]);
  });
});

describe("S13: an order that the venue does not answer", () => {
  /** The venue takes the next order and says nothing until it is hurried. */
  function fallSilent(): Promise<void> {
    return new Promise((reached) => {
      at.venue.nextSubmits.push(async ({ intent }, gate) => {
        await gate.begin();
        at.venue.accept(intent);
        reached();
        await aborted(gate.hurry);
        return { kind: "unknown", reason: "no complete answer in time", exchanges: [] };
      });
    });
  }

  test("is unknown on disk when the end hurries, and the answer does not wait for another look", async () => {
    const silent = fallSilent();
    const placing = failure(at.guard.place(order("BUY", "1", { limitPrice: "90" })));
    await silent;
    const drained = at.guard.drain();
    const before = at.clock.monotonic();
    at.guard.hurry();
    await drained;
    expect(outcomes()).toMatchObject([{ outcome: "unknown" }]);
    expect(await placing).toMatchObject({ code: "outcome_unknown", details: { outcome: "unknown" } });
    expect(at.clock.monotonic()).toBe(before);
    expect(at.venue.wire).toEqual(["BUY 1 AAPL limit"]);
  });

  test("and the next server finds it, once", async () => {
    const silent = fallSilent();
    const placing = failure(at.guard.place(order("BUY", "1", { limitPrice: "90" })));
    await silent;
    void at.guard.drain();
    at.guard.hurry();
    const { details } = await placing;
    const found = await at.another().order(String(details?.client_order_id));
    expect(found).toMatchObject({ status: "submitted", orderId: "1" });
    expect(at.venue.wire).toEqual(["BUY 1 AAPL limit"]);
  });

  test("a cancel is hurried in the same way", async () => {
    const { orderId } = await at.guard.place(order("BUY", "1", { limitPrice: "90" }));
    let told: AbortSignal | undefined;
    at.venue.nextCancels.push(async (_order: VenueOrder, gate) => {
      at.guard.hurry();
      told = gate.hurry;
      return { kind: "unknown", reason: "no complete answer in time" };
    });
    await at.guard.cancel(String(orderId)).catch(() => {});
    expect(told?.aborted).toBe(true);
  });
});

function aborted(signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve) => signal?.addEventListener("abort", () => resolve(), { once: true }));
}
