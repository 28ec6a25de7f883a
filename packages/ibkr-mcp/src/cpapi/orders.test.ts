import { decimal } from "trading-core/domain/money";
import type { OrderIntent } from "trading-core/domain/order";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { Cpapi } from "./create-cpapi.ts";
import { intentOf, openGate, startVenue, type TestVenue } from "./test-venue.ts";

let venue: TestVenue;
let cpapi: Cpapi;
beforeEach(async () => {
  venue = await startVenue();
  venue.gateway.control.setPrice("AAPL", { last: 187.5 });
  cpapi = venue.connect();
  await cpapi.session.ensureReady();
  venue.gateway.control.clearRequests();
});
afterEach(async () => {
  expect(venue.gateway.control.pacing.boxedUntil()).toBeNull();
  await venue.close();
});

const truth = () => venue.gateway.control.state().orders;
const posts = () => venue.gateway.control.requests({ method: "POST", path: /account\/DU1234567\/orders$/ });
const replies = () =>
  venue.gateway.control.requests({ path: "iserver/reply" }).map(({ body }) => JSON.parse(body).confirmed);

async function submit(terms: Partial<OrderIntent> = {}, gate = openGate()) {
  return await cpapi.broker.submit(cpapi.broker.prepare(intentOf(terms)), gate);
}

test("a limit near the market is acknowledged without a question, under our client order id", async () => {
  const intent = intentOf({ limitPrice: decimal("187.00") });
  const outcome = await cpapi.broker.submit(cpapi.broker.prepare(intent), openGate());
  expect(outcome).toMatchObject({ kind: "acknowledged", exchanges: [] });
  expect(truth()).toHaveLength(1);
  expect(truth()[0]).toMatchObject({
    clientOrderId: intent.clientOrderId,
    limitPrice: "187",
    status: "PreSubmitted",
  });
  if (outcome.kind === "acknowledged") {
    expect(outcome.orderId).toBe(String(truth()[0]?.orderId));
    expect(outcome.order).toMatchObject({ symbol: "AAPL", side: "BUY", orderType: "limit" });
  }
});

test("L8: a limit that is far away on purpose is confirmed, and the question is recorded", async () => {
  const outcome = await submit({ limitPrice: decimal("100") });
  expect(outcome).toMatchObject({
    kind: "acknowledged",
    exchanges: [
      { questionIds: ["o163"], answer: "confirmed", text: expect.stringContaining("Percentage constraint") },
    ],
  });
});

test.each([
  ["a market sell", { side: "SELL", orderType: "market", limitPrice: null }, { type: "MKT", quantity: "1" }],
  [
    "a market buy by amount",
    { orderType: "market", limitPrice: null, quantity: null, cashAmount: decimal(50) },
    { type: "MKT", cashQuantity: "50" },
  ],
  [
    "L9, L11: a stop, its trigger in price",
    { side: "SELL", orderType: "stop", limitPrice: null, stopPrice: decimal("170.5"), timeInForce: "GTC" },
    { type: "STP", stopPrice: "170.5", timeInForce: "GTC" },
  ],
  [
    "a stop-limit with both prices",
    { side: "SELL", orderType: "stop_limit", limitPrice: decimal("169"), stopPrice: decimal("170") },
    { type: "STOP_LIMIT", stopPrice: "170", limitPrice: "169" },
  ],
  [
    "S22: a bounded market buy as a day limit at its bound",
    { orderType: "market", limitPrice: null, priceBound: decimal("196.87"), timeInForce: "GTC" },
    { type: "LMT", limitPrice: "196.87", timeInForce: "DAY" },
  ],
] as const)("%s goes through its questions", async (_name, terms, expected) => {
  venue.gateway.control.setPosition("AAPL", 10);
  const outcome = await submit(terms);
  expect(outcome).toMatchObject({ kind: "acknowledged" });
  expect(truth()).toHaveLength(1);
  expect(truth()[0]).toMatchObject(expected);
  expect(replies().every(Boolean)).toBe(true);
});

test.each([
  [
    "o2137: a sell of more than is held",
    { side: "SELL", orderType: "market", limitPrice: null, quantity: decimal(15) },
    "o2137",
  ],
  ["o383: beyond the user's size limit", { quantity: decimal(501) }, "o383"],
  ["o451: beyond the user's value limit", { quantity: decimal(490), limitPrice: decimal("210") }, "o451"],
  [
    "o403: a stop that fires at once",
    { side: "SELL", orderType: "stop", limitPrice: null, stopPrice: decimal(200) },
    "o403",
  ],
  ["M22: o354 before a market buy without a bound", { orderType: "market", limitPrice: null }, "o354"],
] as const)("L6: %s is declined, and proven not placed", async (_name, terms, id) => {
  venue.gateway.control.setPosition("AAPL", 10);
  if (id === "o354") venue.gateway.control.setMarketData("AAPL", "N");
  const outcome = await submit(terms);
  expect(outcome).toMatchObject({ kind: "rejected", reason: expect.stringContaining("Declined") });
  if (outcome.kind === "rejected") {
    expect(outcome.exchanges.at(-1)).toMatchObject({ answer: "declined" });
    expect(outcome.exchanges.at(-1)?.questionIds).toContain(id);
  }
  expect(truth()).toEqual([]);
  expect(venue.gateway.control.state().unansweredTickets).toEqual([]);
  expect(replies().at(-1)).toBe(false);
});

test("L21: a proven exit is not held up by the limits that the user set for what is opened", async () => {
  venue.gateway.control.setPosition("AAPL", 600);
  const intent = intentOf({ side: "SELL", orderType: "market", limitPrice: null, quantity: decimal(600) });
  const outcome = await cpapi.broker.submit(cpapi.broker.prepare(intent), openGate(true));
  expect(outcome).toMatchObject({ kind: "acknowledged" });
  expect(truth()).toMatchObject([{ side: "SELL", quantity: "600" }]);
});

test("the last look says stop: nothing is sent", async () => {
  const gate = {
    isExit: false,
    begin: () => Promise.resolve({ kind: "stop" as const, reason: "halted", code: "halted" }),
  };
  expect(await cpapi.broker.submit(cpapi.broker.prepare(intentOf()), gate)).toEqual({
    kind: "not_sent",
    reason: "halted",
    code: "halted",
  });
  expect(posts()).toEqual([]);
});

test("S11: the last look is taken once, when the connection stands and the order is the next byte", async () => {
  let postsAtLook = -1;
  const gate = openGate();
  gate.begin = () => {
    gate.asked += 1;
    postsAtLook = venue.gateway.control.requests().length;
    return Promise.resolve({ kind: "go" });
  };
  await submit({}, gate);
  expect(gate.asked).toBe(1);
  expect(postsAtLook).toBe(0);
});

test("no gateway: not sent, and the last look is not even taken", async () => {
  const lost = venue.connect();
  await lost.session.ensureReady();
  const prepared = lost.broker.prepare(intentOf());
  await venue.gateway.close();
  const gate = openGate();
  expect(await lost.broker.submit(prepared, gate)).toMatchObject({
    kind: "not_sent",
    code: "gateway_unreachable",
  });
  expect(gate.asked).toBe(0);
});

test.each([
  ["L46: a 503 after the order landed", { type: "503-after-landing" }, 1],
  ["a 503 before it did", { type: "503-before" }, 0],
  ["C7: an empty 200", { type: "empty-200" }, 0],
  ["C7: a login page with 200", { type: "login-page-200" }, 0],
  ["C7: an empty list", { type: "status", status: 200, body: "[]" }, 0],
  ["C7: a number", { type: "status", status: 200, body: "1" }, 0],
  ["C7: a list of nothing known", { type: "status", status: 200, body: '[{"what":1}]' }, 0],
  ["C7: JSON that breaks off", { type: "status", status: 200, body: '[{"order_id":' }, 0],
  ["an answer that breaks off after landing", { type: "body-cut" }, 1],
  ["a reset", { type: "reset" }, 0],
  ["a reset after landing", { type: "reset-after-landing" }, 1],
  ["a 500", { type: "status", status: 500, body: '{"error":"Internal"}' }, 0],
  [
    "a 502 page",
    { type: "status", status: 502, body: "<html>Bad Gateway</html>", contentType: "text/html" },
    0,
  ],
  ["a 401", { type: "status", status: 401, body: "", contentType: null }, 0],
  [
    "a client order id that is registered already",
    { type: "error-200", error: "Order couldn't be submitted: Local order ID=x is already registered." },
    0,
  ],
  [
    "a prompt for a person",
    {
      type: "status",
      status: 200,
      body: '{"orderId":1,"reqId":"2","text":"Use the algo?","options":["Use"],"prompt":true}',
    },
    0,
  ],
  [
    "a question without a usable reply id",
    { type: "status", status: 200, body: '[{"id":"../../x","message":["?"],"messageIds":["o163"]}]' },
    0,
  ],
] as const)("%s is unknown, never rejected, and sent once", async (_name, action, landed) => {
  venue.gateway.control.faults.add({ path: /DU1234567\/orders$/, count: 5, action });
  const outcome = await submit({ limitPrice: decimal("187.00") });
  expect(outcome).toMatchObject({ kind: "unknown" });
  expect(posts()).toHaveLength(1);
  expect(truth()).toHaveLength(landed);
});

test.each([
  [
    "IBKR's refusal with 200",
    { type: "reject", text: "We cannot accept an order at the limit price you selected." },
  ],
  ["an error with 200", { type: "error-200", error: "Order is already expired." }],
  [
    "a 400 about the ticket",
    {
      type: "status",
      status: 400,
      body: '{"error":"Bad Request: Missing order parameters","statusCode":400}',
    },
  ],
  [
    "H1: a session that is not primed",
    {
      type: "status",
      status: 400,
      body: '{"error":"Bad Request: Please query /accounts first","statusCode":400}',
    },
  ],
  [
    "the edge's block",
    { type: "status", status: 403, body: "<html>Access Denied</html>", contentType: "text/html" },
  ],
] as const)("%s is rejected: proof that no order exists", async (_name, action) => {
  venue.gateway.control.faults.add({ path: /DU1234567\/orders$/, action });
  const outcome = await submit({ limitPrice: decimal("187.00") });
  expect(outcome).toMatchObject({ kind: "rejected" });
  expect(truth()).toEqual([]);
});

test.each([
  ["the session is lost", { type: "session-lost" }],
  ["the reply id is gone", { type: "status", status: 400, body: '{"error":"reply id not found: \'x\'"}' }],
  ["a 503 after landing", { type: "503-after-landing" }],
  ["a reset after landing", { type: "reset-after-landing" }],
  ["an empty 200", { type: "empty-200" }],
  ["a 400", { type: "status", status: 400, body: '{"error":"Bad Request: no bridge"}' }],
] as const)("between question and reply: %s, and the order's fate is unknown", async (_name, action) => {
  venue.gateway.control.faults.add({ path: "iserver/reply", action });
  const outcome = await submit({ limitPrice: decimal("100") });
  expect(outcome).toMatchObject({ kind: "unknown", exchanges: [{ questionIds: ["o163"] }] });
  expect(posts()).toHaveLength(1);
});

test("a refusal in answer to a confirmed question is a rejection", async () => {
  venue.gateway.control.faults.add({
    path: "iserver/reply",
    action: { type: "error-200", error: "The Available Funds are insufficient" },
  });
  expect(await submit({ limitPrice: decimal("100") })).toMatchObject({ kind: "rejected" });
});

test("a declined question whose decline is not confirmed leaves the fate unknown", async () => {
  venue.gateway.control.faults.add({ path: "iserver/reply", action: { type: "503-before" } });
  expect(await submit({ quantity: decimal(501) })).toMatchObject({
    kind: "unknown",
    exchanges: [{ answer: "declined" }],
  });
});

const question = (id: string, messageIds: string[]) =>
  JSON.stringify([{ id, message: ["Really?"], isSuppressed: false, messageIds }]);

test("L7: a chain of questions without end is declined", async () => {
  for (let round = 1; round <= 8; round += 1) {
    venue.gateway.control.faults.add({
      path: "iserver/reply",
      from: round,
      action: {
        type: "status",
        status: 200,
        body: round < 7 ? question(`id-${round}`, ["o163"]) : '{"error":"Order not confirmed "}',
      },
    });
  }
  const outcome = await submit({ limitPrice: decimal("100") });
  expect(outcome).toMatchObject({ kind: "rejected", reason: expect.stringContaining("more than 6") });
  expect(replies()).toEqual([true, true, true, true, true, true, false]);
});

test("a question that repeats itself is declined", async () => {
  venue.gateway.control.faults.add({
    path: "iserver/reply",
    count: 2,
    action: { type: "status", status: 200, body: question("again", ["o163"]) },
  });
  venue.gateway.control.faults.add({
    path: "iserver/reply",
    from: 3,
    action: { type: "error-200", error: "Order not confirmed " },
  });
  const outcome = await submit({ limitPrice: decimal("100") });
  expect(replies()).toEqual([true, true, false]);
  expect(outcome).toMatchObject({ kind: "rejected", reason: expect.stringContaining("same question") });
});

test("a question without an id is declined", async () => {
  venue.gateway.control.faults.add({
    path: /DU1234567\/orders$/,
    action: { type: "status", status: 200, body: question("some-id", []) },
  });
  // The venue does not know this question, so that the decline is not confirmed either.
  expect(await submit()).toMatchObject({
    kind: "unknown",
    exchanges: [{ questionIds: [], answer: "declined" }],
  });
  expect(replies()).toEqual([false]);
});

test("L13: an order that is acknowledged as Inactive carries that status", async () => {
  venue.gateway.control.faults.add({
    path: /DU1234567\/orders$/,
    action: {
      type: "status",
      status: 200,
      body: '[{"order_id":"77","order_status":"Inactive","encrypt_message":"1"}]',
    },
  });
  expect(await submit()).toMatchObject({
    kind: "acknowledged",
    orderId: "77",
    order: { status: "inactive" },
  });
});

test("a 429 stops every process of this machine until the lock-out is over", async () => {
  venue.gateway.control.faults.add({ path: /DU1234567\/orders$/, action: { type: "429" } });
  expect(await submit()).toMatchObject({ kind: "rejected" });
  const other = venue.connect();
  expect(await other.session.status()).toMatchObject({
    state: "rate_limited",
    lockedUntil: expect.any(Number),
  });
  const gate = openGate();
  expect(await submit({}, gate)).toMatchObject({ kind: "not_sent", code: "rate_limited" });
  expect(gate.asked).toBe(0);
  expect(posts()).toHaveLength(1);
  venue.gateway.control.advance(15 * 60_000 + 1000);
  expect((await other.session.status()).lockedUntil).toBeNull();
});

test("an order that was prepared for another account is not sent", async () => {
  const prepared = cpapi.broker.prepare(intentOf());
  const forged = { ...prepared, request: { ...prepared.request, path: "/iserver/account/DU7/orders" } };
  expect(await cpapi.broker.submit(forged, openGate())).toMatchObject({
    kind: "not_sent",
    code: "request_changed",
  });
  expect(posts()).toEqual([]);
});

test("a preview opens the market data line first and says what the order would cost", async () => {
  const prepared = cpapi.broker.prepare(intentOf({ quantity: decimal(10), limitPrice: decimal("187.00") }));
  const preview = await cpapi.broker.preview(prepared);
  expect(preview).toMatchObject({ currency: "USD", refusal: null });
  expect(preview.amount?.toFixed()).toBe("1870");
  expect(preview.total?.gt(preview.amount ?? 0)).toBe(true);
  const asked = venue.gateway.control.requests().map(({ path }) => path.split("?")[0]);
  expect(asked).toEqual(["iserver/marketdata/snapshot", "iserver/account/DU1234567/orders/whatif"]);
  expect(truth()).toEqual([]);
});

test("a preview that IBKR refuses says why", async () => {
  const prepared = cpapi.broker.prepare(
    intentOf({ quantity: decimal(100_000), limitPrice: decimal("187.00") }),
  );
  expect((await cpapi.broker.preview(prepared)).refusal).toBeTruthy();
});

test("S12: a question that comes when the time is over is declined, not confirmed", async () => {
  venue.gateway.control.faults.add({
    path: /DU1234567\/orders$/,
    action: { type: "slow", milliseconds: 10_000 },
  });
  const outcome = await submit({ limitPrice: decimal("100") });
  expect(outcome).toMatchObject({ kind: "rejected", reason: expect.stringContaining("no time left") });
  expect(replies()).toEqual([false]);
});
