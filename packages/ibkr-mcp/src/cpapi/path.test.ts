import { expect, test } from "vitest";
import { checkAccountId, checkConid, checkOrderId, queryString, route } from "./path.ts";

test("no argument changes a request's path: separators are encoded, relative segments refused", () => {
  expect(route`/portfolio/${"a/../b?x=1#y"}/summary`).toBe("/portfolio/a%2F..%2Fb%3Fx%3D1%23y/summary");
  for (const value of ["", ".", ".."]) expect(() => route`/portfolio/${value}/summary`).toThrow(/segment/);
  expect(queryString({ symbols: "BRK B&x=1" })).toBe("?symbols=BRK%20B%26x%3D1");
});

test.each(["", "-1", "0", "000000000", "1/../2", "12 ", "%31", "１２", "9".repeat(20)])(
  "order id %j is refused before any request",
  (id) => {
    expect(() => checkOrderId(id)).toThrow(expect.objectContaining({ code: "invalid_order_id" }));
  },
);

test("account and contract ids have one form", () => {
  expect(checkAccountId("DU1234567")).toBe("DU1234567");
  expect(checkConid("265598")).toBe("265598");
  for (const id of ["", "DU1/orders", "a b", "x".repeat(21)]) expect(() => checkAccountId(id)).toThrow();
  for (const id of ["", "0", "26x", "-5", "1e5"]) expect(() => checkConid(id)).toThrow();
});
