import { afterEach, beforeEach, expect, test } from "vitest";
import { type Bench, bench, failure, order, stock } from "../testing/fixtures.ts";
import type { SubmitScript } from "../testing/scripted-venue.ts";

let at: Bench;
beforeEach(() => {
  at = bench();
});
afterEach(() => at.end());

const lost: SubmitScript = async (_, gate) => {
  await gate.begin();
  return { kind: "unknown", reason: "HTTP 503", exchanges: [] };
};
/** The answer got lost; the order works. */
const landed: SubmitScript = async ({ intent }, gate) => {
  await gate.begin();
  at.venue.accept(intent);
  return { kind: "unknown", reason: "HTTP 503", exchanges: [] };
};

async function send(script: SubmitScript, request = order("BUY", "1", { limitPrice: "90" })) {
  at.venue.ordersUnread = "HTTP 503";
  at.venue.nextSubmits.push(script);
  const error = await failure(at.guard.place(request));
  at.venue.ordersUnread = null;
  expect(error.code).toBe("outcome_unknown");
  return String(error.details?.client_order_id);
}
const submits = () => at.venue.wire.filter((each) => each.startsWith("submit"));

test("with nothing open it asks for nothing and says so", async () => {
  expect(await at.guard.reconcile()).toEqual({ orders: [], complete: true, unread: [] });
});

test("M8: an order whose answer was lost is found by our id, journaled, and not sent again", async () => {
  const id = await send(landed);
  const sent = submits();
  const answer = await at.guard.reconcile();
  expect(answer).toMatchObject({
    complete: true,
    orders: [{ settled: true, nextStep: null, order: { clientOrderId: id, status: "submitted" } }],
  });
  expect(at.records().find((each) => each.kind === "resolution")).toMatchObject({ clientOrderId: id });
  expect(submits()).toEqual(sent);
  expect(await at.guard.reconcile()).toMatchObject({ orders: [] });
});

test("S15: an entry that is nowhere stays open, with its next step, however often it is looked for", async () => {
  const id = await send(lost);
  for (let look = 0; look < 5; look += 1) {
    at.clock.advance(60_000);
    at.freshQuotes();
    const answer = await at.guard.reconcile();
    expect(answer).toMatchObject({
      complete: true,
      orders: [{ settled: false, order: { status: "unknown" } }],
    });
    expect(answer.orders[0]?.nextStep).toContain(`resolve ${id}`);
  }
});

test("S15: an exit that three complete looks lack blocks no other exit any more", async () => {
  at.venue.hold(stock("AAPL"), "10");
  await at.guard.place(order("BUY", "1", { limitPrice: "90" }, "MSFT"));
  await send(lost, order("SELL", "10", { stopPrice: "80" }));
  let answer = await at.guard.reconcile();
  for (let look = 0; look < 3; look += 1) {
    at.clock.advance(61_000);
    at.freshQuotes();
    answer = await at.guard.reconcile();
  }
  expect(answer.orders[0]?.nextStep).toContain("blocks no other exit");
  await at.guard.place(order("SELL", "10", { stopPrice: "80" }));
});

test.each([
  ["ordersUnread", "working orders: HTTP 500"],
  ["fillsUnread", "executions: HTTP 500"],
] as const)("what could not be read is said, and proves nothing: %s", async (part, said) => {
  await send(lost);
  at.venue[part] = "HTTP 500";
  expect(await at.guard.reconcile()).toMatchObject({
    complete: false,
    unread: [said],
    orders: [{ settled: false }],
  });
});
