import { decimal } from "trading-core/domain/money";
import { expect, test } from "vitest";
import { meaningOf } from "./outcome.ts";
import { mayConfirmForBracket } from "./replies.ts";
import { intentOf } from "./test-venue.ts";
import { makeTicket } from "./ticket.ts";

const exits = {
  takeProfit: decimal(190),
  stopLoss: decimal(170),
  takeProfitId: "tp",
  stopLossId: "sl",
};
const bracket = intentOf({ clientOrderId: "entry1", exits });
const answered = (body: unknown) =>
  meaningOf(
    { kind: "json", status: 200, body, headers: {} } as Parameters<typeof meaningOf>[0],
    "order",
    bracket,
  );

const child = (id: string) => ({
  order_id: id,
  local_order_id: "",
  parent_order_id: "7",
  order_status: "PreSubmitted",
});

test.each([
  ["named by our id, last of all", { order_id: "7", local_order_id: "entry1", order_status: "Submitted" }],
  ["told by the parent that it alone does not name", { order_id: "7", order_status: "Submitted" }],
])("the rows of a bracket come in any order: its entry is found, %s", (_, entry) => {
  expect(answered([child("8"), child("9"), entry])).toMatchObject({ kind: "acknowledged", orderId: "7" });
});

test("rows of which none can be told to be the entry prove nothing", () => {
  expect(answered([child("8"), child("9")])).toMatchObject({ kind: "unproven" });
  const two = { order_id: "7", order_status: "Submitted" };
  expect(answered([two, { ...two, order_id: "8" }])).toMatchObject({ kind: "unproven" });
});

test("M22: a question about any leg is confirmed as for an entry, and never that something fills at once", () => {
  const asks = (messageIds: string[], text = "sure?") =>
    mayConfirmForBracket({ replyId: "r", messageIds, text }, bracket);
  expect(asks(["o163"])).toBe(true);
  expect(asks(["o10331"])).toBe(true);
  expect(asks(["o403"])).toBe(false);
  expect(asks(["o163"], "It will most likely trigger and fill immediately.")).toBe(false);
  // The exits are no reason to pass the user's own limits, or a closing quantity that is too large.
  for (const id of ["o382", "o383", "o451", "o2137"]) expect(asks([id])).toBe(false);
  // Ids that no single leg of it could raise together.
  expect(asks(["o10331", "o10151"])).toBe(false);
});

test("a trailing stop has its own fields and no others, and exactly one distance", () => {
  const trail = intentOf({
    side: "SELL",
    orderType: "trailing_stop",
    limitPrice: null,
    timeInForce: "GTC",
    trailPercent: decimal("1.25"),
  });
  const { acctId: _a, conid: _c, cOID: _o, ...ticket } = makeTicket(trail, "DU1");
  expect(ticket).toEqual({
    side: "SELL",
    quantity: 1,
    orderType: "TRAIL",
    tif: "GTC",
    trailingType: "%",
    trailingAmt: 1.25,
  });
  expect(() => makeTicket({ ...trail, trailAmount: decimal(1) }, "DU1")).toThrow("one distance");
  expect(() => makeTicket({ ...trail, trailPercent: null }, "DU1")).toThrow("one distance");
});
