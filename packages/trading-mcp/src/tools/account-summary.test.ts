import { expect, test } from "vitest";
import { dataOf } from "../testing/call.ts";

test("money in cents, and null for what the venue did not say", async () => {
  expect(await dataOf("account_summary", {})).toEqual({
    account_id: "DU123",
    currency: "USD",
    net_liquidation: "10000.00",
    available_funds: "9000.00",
    buying_power: null,
    cash: "9000.00",
  });
});
