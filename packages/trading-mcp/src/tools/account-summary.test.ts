import { expect, test } from "vitest";
import { dataOf } from "../testing/call.ts";
import { testVenue } from "../testing/venue.ts";

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

test.each(["account_summary", "portfolio"])("%s is read while only orders have to wait", async (tool) => {
  const session = {
    ensureReady: () => Promise.reject(new Error("another platform holds the session")),
    ensureReadable: async () => {},
  };
  expect(await dataOf(tool, {}, testVenue({ session }))).toBeTruthy();
});
