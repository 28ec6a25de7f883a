import { decimal } from "trading-core/domain/money";
import { expect, test } from "vitest";
import { intentOf } from "./test-venue.ts";
import { makeTicket, prepareOrder, wireNumber } from "./ticket.ts";

test("the whole request of a limit order", () => {
  const intent = intentOf({ clientOrderId: "ab12cd", quantity: decimal("5"), limitPrice: decimal("165.00") });
  expect(prepareOrder(intent, "DU1234567").request).toEqual({
    method: "POST",
    path: "/iserver/account/DU1234567/orders",
    body: {
      orders: [
        {
          acctId: "DU1234567",
          conid: 265598,
          cOID: "ab12cd",
          side: "BUY",
          quantity: 5,
          orderType: "LMT",
          tif: "DAY",
          price: 165,
        },
      ],
    },
  });
});

test.each([
  [
    { side: "SELL", orderType: "market", limitPrice: null },
    { orderType: "MKT", quantity: 1 },
  ],
  [
    { orderType: "market", limitPrice: null, quantity: null, cashAmount: decimal("100") },
    { orderType: "MKT", cashQty: 100 },
  ],
  [
    { orderType: "market", limitPrice: null, priceBound: decimal("196.9"), timeInForce: "GTC" },
    { orderType: "LMT", tif: "DAY", price: 196.9 },
  ],
  [
    { side: "SELL", orderType: "stop", limitPrice: null, stopPrice: decimal("157.3"), timeInForce: "GTC" },
    { orderType: "STP", price: 157.3, tif: "GTC" },
  ],
  [
    { side: "SELL", orderType: "stop_limit", limitPrice: decimal("157"), stopPrice: decimal("157.3") },
    { orderType: "STOP_LIMIT", price: 157, auxPrice: 157.3 },
  ],
] as const)("%j has its own fields and no others", (terms, expected) => {
  const { acctId: _a, conid: _c, cOID: _o, side: _s, ...rest } = makeTicket(intentOf(terms), "DU1");
  expect(rest).toMatchObject(expected);
  const allowed = new Set([...Object.keys(expected), "tif", "quantity", "cashQty"]);
  expect(Object.keys(rest).every((key) => allowed.has(key))).toBe(true);
});

test("a number is exact on the wire, or the order is refused", () => {
  for (const text of ["0.1", "0.0066", "165.37", "123456789.12", "0.000001"]) {
    expect(JSON.stringify(wireNumber(decimal(text)))).toBe(text);
  }
  for (const text of ["0.1234567890123456789", "12345678901234567.5", "0.0000001"]) {
    expect(() => wireNumber(decimal(text))).toThrow(expect.objectContaining({ code: "not_supported" }));
  }
});

test.each([
  [
    "L35: a cash sell",
    { side: "SELL", orderType: "market", quantity: null, cashAmount: decimal(5), limitPrice: null },
  ],
  ["a limit by amount", { quantity: null, cashAmount: decimal(5) }],
  ["no size", { quantity: null }],
  ["two sizes", { cashAmount: decimal(5) }],
  ["a size of zero", { quantity: decimal(0) }],
  ["a negative size", { quantity: decimal(-1) }],
  ["a limit without a price", { limitPrice: null }],
  ["a stop without a trigger", { orderType: "stop" }],
  ["a malformed client order id", { clientOrderId: "a b/.." }],
] as const)("%s is refused before any request", (_name, terms) => {
  expect(() => makeTicket(intentOf(terms), "DU1")).toThrow(
    expect.objectContaining({ code: "invalid_order" }),
  );
});
