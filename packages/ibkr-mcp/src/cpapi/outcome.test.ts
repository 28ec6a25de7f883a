import { expect, test } from "vitest";
import type { Answer } from "./answer.ts";
import { readCancelAnswer } from "./cancel.ts";
import { isDeclined, meaningOf } from "./outcome.ts";
import { kindOf, mayConfirm, type OrderKind, readQuestion } from "./replies.ts";
import { submitOrder } from "./submit.ts";
import { intentOf, openGate } from "./test-venue.ts";
import { prepareOrder } from "./ticket.ts";

const intent = intentOf({ clientOrderId: "abcd1234" });
const json = (body: unknown, status = 200): Answer => ({ kind: "json", status, body });
const failed = (sent: boolean): Answer => ({
  kind: "failed",
  sent,
  cause: "timeout",
  detail: "no complete answer in time",
});

test("only a request of which no byte left is not sent; a reply that was not sent leaves its order open", () => {
  expect(meaningOf(failed(false), "order", intent).kind).toBe("not_sent");
  expect(meaningOf(failed(true), "order", intent).kind).toBe("unproven");
  expect(meaningOf(failed(false), "reply", intent).kind).toBe("unproven");
  expect(meaningOf(failed(true), "reply", intent).kind).toBe("unproven");
});

test("the acknowledgement of our order is found by its client order id, wherever it stands", () => {
  const rows = [
    { order_id: "1", local_order_id: "other", order_status: "Submitted" },
    { order_id: "2", local_order_id: "abcd1234", order_status: "PreSubmitted" },
  ];
  expect(meaningOf(json(rows), "order", intent)).toMatchObject({
    kind: "acknowledged",
    orderId: "2",
    order: { clientOrderId: "abcd1234", status: "submitted", filledQuantity: null },
  });
  expect(meaningOf(json([rows[0], rows[0]]), "order", intent).kind).toBe("unproven");
  expect(meaningOf(json({ order_id: 7, order_status: "Filled" }), "order", intent)).toMatchObject({
    orderId: "7",
  });
  expect(meaningOf(json([{ order_id: "x" }]), "order", intent).kind).toBe("unproven");
});

test.each([
  [json({ error: "No trading permission" }), "refused", "refused"],
  [json([{ error: "No trading permission" }]), "refused", "refused"],
  [json({ error: "Bad Request: Missing order parameters" }, 400), "refused", "unproven"],
  [json({ error: "Bad Request: no bridge" }, 400), "refused", "unproven"],
  [json({ error: "no session" }), "refused", "unproven"],
  [json({ error: "Too many requests" }, 429), "refused", "unproven"],
  [json({ error: "Request timed out" }), "unproven", "unproven"],
  [json({ error: "reply id not found: 'x'" }), "unproven", "unproven"],
  [json({ error: "Local order ID=abcd1234 is already registered." }), "unproven", "unproven"],
  [json({ error: "unknown" }, 500), "unproven", "unproven"],
  [json({ error: "Order 1 is not found" }, 503), "unproven", "unproven"],
  [json({ error: "gone" }, 401), "unproven", "unproven"],
  [json(null), "unproven", "unproven"],
  [json([]), "unproven", "unproven"],
  [{ kind: "empty", status: 200 }, "unproven", "unproven"],
  [{ kind: "html", status: 200, text: "", login: true }, "unproven", "unproven"],
  [{ kind: "html", status: 403, text: "", login: false }, "refused", "unproven"],
  [{ kind: "redirect", status: 302, location: "/sso/Login" }, "unproven", "unproven"],
  [{ kind: "text", status: 200, text: "Success" }, "unproven", "unproven"],
] as [Answer, string, string][])("%j means %s to an order and %s to a reply", (answer, toOrder, toReply) => {
  expect(meaningOf(answer, "order", intent).kind).toBe(toOrder);
  expect(meaningOf(answer, "reply", intent).kind).toBe(toReply);
});

test("an acknowledgement that names another order proves nothing about ours", () => {
  const other = { order_id: "1", local_order_id: "other", order_status: "Submitted" };
  expect(meaningOf(json([other]), "order", intent).kind).toBe("unproven");
  expect(meaningOf(json([{ ...other, local_order_id: "abcd1234" }]), "order", intent).kind).toBe(
    "acknowledged",
  );
});

test.each([
  [json({ error: "Too many requests" }, 429), "rate_limited", /Wait/],
  [json({ error: "Bad Request: no bridge" }, 400), "brokerage_session_down", /session_status/],
  [{ kind: "html", status: 403, text: "", login: false }, "blocked_by_edge", /gateway/],
] as [Answer, string, RegExp][])(
  "%j is refused for a reason that is not the order's",
  (answer, code, step) => {
    expect(meaningOf(answer, "order", intent)).toMatchObject({
      kind: "refused",
      turnedAway: { code, nextStep: expect.stringMatching(step) },
    });
    const refused = meaningOf(json({ error: "No trading permission" }), "order", intent);
    expect(refused).not.toHaveProperty("turnedAway");
  },
);

test("a decline is confirmed by IBKR's two forms of saying so, and by nothing else", () => {
  expect(isDeclined(json({ error: "Order not confirmed " }))).toBe(true);
  expect(isDeclined(json([]))).toBe(true);
  for (const answer of [
    json({}),
    json([{}]),
    json({ error: "reply id not found" }),
    json([], 503),
    failed(true),
    { kind: "empty", status: 200 } as const,
  ]) {
    expect(isDeclined(answer)).toBe(false);
  }
});

test("a question's reply id cannot be anything but an id", () => {
  const ask = (id: unknown) => readQuestion([{ id, message: ["a\nb"], messageIds: ["o163"] }]);
  expect(ask("99097238-9824-4830-84ef-46979aa22593")).toMatchObject({ text: "a b", messageIds: ["o163"] });
  for (const id of ["", "a/b", "..", "a?b", "x".repeat(65), 5, null]) expect(ask(id)).toBe("unreadable");
  expect(readQuestion([{ order_id: "1" }])).toBeNull();
  expect(readQuestion({})).toBeNull();
  expect(readQuestion([{ id: "a", message: ["?"] }])).toMatchObject({ messageIds: [] });
});

const KINDS: OrderKind[] = ["market", "bounded_market", "cash", "limit", "stop"];
const SIDES = ["BUY", "SELL"] as const;
const every = (ids: string[], text = "Sure?") =>
  KINDS.flatMap((kind) =>
    SIDES.filter((side) => mayConfirm({ replyId: "a", messageIds: ids, text }, { side }, kind, false)).map(
      (side) => `${kind} ${side}`,
    ),
  );

test("M22: what may be confirmed depends on the kind of order and its side", () => {
  expect(every(["o163"])).toEqual([
    "bounded_market BUY",
    "bounded_market SELL",
    "limit BUY",
    "limit SELL",
    "stop BUY",
    "stop SELL",
  ]);
  expect(every(["o354"])).not.toContain("market BUY");
  expect(every(["o354"])).toContain("market SELL");
  expect(every(["o10331"])).toEqual(["stop BUY", "stop SELL"]);
  expect(every(["o403"])).toEqual(["bounded_market BUY", "bounded_market SELL", "limit BUY", "limit SELL"]);
});

test.each([
  "o382",
  "o383",
  "o451",
  "o2136",
  "o2137",
  "o2165",
  "o10082",
  "o10138",
  "o10334",
  "p6",
  "p12",
  "O163",
  "o99999",
  "",
])("%j is never confirmed, for any order, alone or beside a harmless one", (id) => {
  expect(every([id])).toEqual([]);
  expect(every(["o163", id])).toEqual([]);
});

test("no id at all is never confirmed", () => {
  expect(every([])).toEqual([]);
});

test.each([
  "Closing quantity 15 is larger than the position of 10 AAPL.",
  "Your order size exceeds the Size Limit of 500.",
  "value estimate of 124,995.00 USD exceeds \nthe Total Value Limit of 100,000 USD.",
  "This order would result in a short position.",
  "The quantity is greater than your current position",
  "You are submitting a cross side order",
  "This may lead to a margin call",
])("a harmless id over an alarming text is not confirmed: %s", (text) => {
  expect(every(["o10153"], text)).toEqual([]);
  expect(every(["o163"], text)).toEqual([]);
});

test("a stop that would fire at once is not confirmed under any id", () => {
  const text = "This order will most likely trigger and fill immediately.";
  expect(every(["o10152"], text)).toEqual([]);
  expect(every(["o163"], text)).not.toContain("stop SELL");
});

test("the venue's own texts of the allowed questions pass", () => {
  const texts = [
    'The following order "BUY 5 AAPL NASDAQ.NMS @ 150.0" price exceeds the Percentage constraint of 3%. Are you sure?',
    "Confirm Mandatory Cap Price To avoid trading at a price that is not consistent with a fair and orderly market, IB may set a cap (for a buy order) or floor (for a sell order).",
    "You are submitting an order without market data. We strongly recommend against this as it may result in erroneous and unexpected trades.",
  ];
  for (const text of texts) expect(every(["o163"], text)).toContain("limit BUY");
});

test("an order's kind is read from what is on the wire", () => {
  expect(kindOf(intentOf())).toBe("limit");
  expect(kindOf(intentOf({ orderType: "stop_limit" }))).toBe("stop");
  expect(kindOf(intentOf({ orderType: "market", limitPrice: null }))).toBe("market");
});

test("L57: the answer to a cancellation is at best a receipt", () => {
  expect(readCancelAnswer(json({ msg: "Request was submitted", order_id: 1 })).kind).toBe("accepted");
  expect(readCancelAnswer(json([{ order_id: "1", order_status: "PreSubmitted" }])).kind).toBe("accepted");
  expect(readCancelAnswer(json([{ id: "a", message: ["Sure?"], messageIds: [] }]))).toMatchObject({
    kind: "accepted",
    reason: expect.stringContaining("Sure?"),
  });
  expect(readCancelAnswer(json({ error: "Order is inactive" }, 400)).kind).toBe("refused");
  expect(readCancelAnswer(json({ error: "OrderID 1 doesn't exist" })).kind).toBe("refused");
  for (const answer of [
    json({}),
    json(null),
    json({ error: "x" }, 503),
    { kind: "empty", status: 200 } as const,
    failed(true),
  ]) {
    expect(readCancelAnswer(answer).kind).toBe("unproven");
  }
});

test("a defect after the last look is unknown, before it not sent: an exception is no proof", async () => {
  const prepared = prepareOrder(intent, "DU1");
  const broken: Parameters<typeof submitOrder>[0] = {
    converse: async (_isExit, run) =>
      await run({
        send: () => Promise.reject(new Error("defect")),
        exitWaits: () => false,
        left: () => 9999,
      }),
  };
  expect(await submitOrder(broken, prepared, openGate())).toMatchObject({
    kind: "unknown",
    reason: "defect",
  });
  const gate = { isExit: false, begin: () => Promise.reject(new Error("disk")) };
  expect(await submitOrder(broken, prepared, gate)).toMatchObject({
    kind: "not_sent",
    code: "internal_error",
  });
});
