import { decimal } from "trading-core/domain/money";
import { expect, it } from "vitest";
import { readStatus } from "./order-rows.ts";

it.each([
  ["closed", "1", "1", "filled"],
  // Some exchanges call every end "closed".
  ["closed", "0.4", "1", "cancelled"],
  ["open", "0", "1", "submitted"],
  ["open", "0.4", "1", "partially_filled"],
  ["canceling", "0", "1", "submitted"],
  ["canceled", "0.4", "1", "cancelled"],
  ["expired", "0.4", "1", "expired"],
  ["PENDING_NEW", "0", "1", "unknown"],
  [undefined, "0", "1", "unknown"],
])("an order that is %s with %s of %s filled is %s", (status, filled, quantity, expected) => {
  expect(readStatus(status, decimal(filled), decimal(quantity))).toBe(expected);
});
