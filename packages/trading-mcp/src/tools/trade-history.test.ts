import { expect, test } from "vitest";
import { dataOf, errorOf } from "../testing/call.ts";
import { testVenue } from "../testing/venue.ts";

test("fifty records unless told otherwise, and how many older ones there are", async () => {
  const venue = testVenue({
    guard: {
      history: async () => ({
        records: [
          {
            journalSeq: 3,
            at: "2026-11-20T15:00:00Z",
            kind: "refusal",
            clientOrderId: "c1",
            orderId: null,
            symbol: "AAPL",
            side: "BUY",
            orderType: "market",
            quantity: null,
            cashAmount: "100",
            price: null,
            status: null,
            message: "over the limit",
          },
        ],
        omitted: 12,
      }),
    },
  });
  expect(await dataOf("trade_history", {}, venue)).toEqual({
    records: [
      {
        journal_seq: 3,
        at: "2026-11-20T15:00:00Z",
        kind: "refusal",
        client_order_id: "c1",
        order_id: null,
        symbol: "AAPL",
        side: "BUY",
        order_type: "market",
        quantity: null,
        cash_amount: "100",
        price: null,
        status: null,
        message: "over the limit",
      },
    ],
    omitted: 12,
  });
  expect(venue.calls).toEqual([["history", 50]]);
});

test("a halt has no order, and says who moved trading where", async () => {
  const none = {
    clientOrderId: null,
    orderId: null,
    symbol: null,
    side: null,
    orderType: null,
    quantity: null,
    cashAmount: null,
    price: null,
  };
  const message = `an agent moved trading from ACTIVE to REDUCING: news\u202e`;
  const record = {
    ...none,
    journalSeq: 4,
    at: "2026-11-20T15:00:00Z",
    kind: "switch",
    status: "REDUCING",
    message,
  };
  const venue = testVenue({ guard: { history: async () => ({ records: [record], omitted: 0 }) } });
  const { records } = await dataOf("trade_history", {}, venue);
  expect(records).toMatchObject([
    {
      kind: "switch",
      symbol: null,
      client_order_id: null,
      status: "REDUCING",
      message: "an agent moved trading from ACTIVE to REDUCING: news",
    },
  ]);
});

test("a limit of zero or less does not mean everything", async () => {
  for (const limit of [0, -1, 501, 1.5]) {
    expect((await errorOf("trade_history", { limit })).code).toBe("invalid_arguments");
  }
});
