import { expect, test } from "vitest";
import { dataOf } from "../testing/call.ts";
import { testVenue } from "../testing/venue.ts";

test("an open market says until when", async () => {
  const venue = testVenue();
  expect(await dataOf("market_status", { symbol: "AAPL" }, venue)).toEqual({
    symbol: "AAPL",
    open: true,
    reason: null,
    source: "venue schedule",
    opens: null,
    closes: "2026-11-20T21:00:00Z",
    as_of: "2026-11-20T15:00:00.000Z",
  });
  expect(venue.calls).toEqual([["marketHours", "AAPL"]]);
});

test("a closed market says why and until when", async () => {
  const venue = testVenue({
    guard: {
      marketHours: async () => ({
        kind: "closed",
        source: "calendar",
        reason: "Thanksgiving",
        opens: "2026-11-27T14:30:00Z",
      }),
    },
  });
  expect(await dataOf("market_status", {}, venue)).toMatchObject({
    symbol: null,
    open: false,
    reason: "Thanksgiving",
    opens: "2026-11-27T14:30:00Z",
  });
});

test("hours that are not known are neither open nor closed", async () => {
  const venue = testVenue({
    guard: { marketHours: async () => ({ kind: "unknown", reason: "no schedule" }) },
  });
  expect(await dataOf("market_status", {}, venue)).toMatchObject({ open: null, reason: "no schedule" });
});
