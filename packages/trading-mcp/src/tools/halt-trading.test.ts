import { expect, test } from "vitest";
import { call, dataOf, errorOf } from "../testing/call.ts";
import { aHalt, testContext, testVenue } from "../testing/venue.ts";
import { catalog, listedTools } from "./catalog.ts";

test("S30: without arguments it stops entries, cancels nothing, and says who resumes", async () => {
  const venue = testVenue();
  const data = await dataOf("halt_trading", {}, venue);
  expect(venue.calls).toEqual([
    ["halt", { stopExits: false, cancelWorking: false, mayCancel: true, reason: null }],
  ]);
  expect(data).toMatchObject({ state: "REDUCING", complete: true, orders: [] });
  expect(data.message).toContain("until a person resumes it");
});

test("what is asked for reaches the guard, with the reason trimmed and stripped", async () => {
  const venue = testVenue();
  await dataOf(
    "halt_trading",
    { stop_exits: true, cancel_working: true, reason: " odd\u202e prices\n" },
    venue,
  );
  expect(venue.calls).toEqual([
    ["halt", { stopExits: true, cancelWorking: true, mayCancel: true, reason: "odd prices" }],
  ]);
});

test("a halt that is not complete says what is missing", async () => {
  const orders = [
    {
      clientOrderId: "c1",
      orderId: "9",
      symbol: "AAPL",
      status: "submitted" as const,
      confirmed: false,
      message: "asked",
    },
  ];
  const halt = aHalt({ complete: false, inFlight: ["c2"], orders, unread: ["the venue's list: 503"] });
  const data = await dataOf("halt_trading", {}, testVenue({ guard: { halt: async () => halt } }));
  expect(data).toMatchObject({
    complete: false,
    in_flight: ["c2"],
    unread: ["the venue's list: 503"],
    orders: [{ order_id: "9", client_order_id: "c1", cancel_confirmed: false, message: "asked" }],
  });
  expect(data.message).toContain("not complete");
});

test("S32: read mode lists it, and it cancels nothing there", async () => {
  expect(listedTools(catalog, true).map(({ name }) => name)).toContain("halt_trading");
  const venue = testVenue();
  const envelope = await call(
    "halt_trading",
    { cancel_working: true },
    testContext(venue, { readOnly: true }),
  );
  expect(envelope.ok).toBe(true);
  expect(venue.calls).toMatchObject([["halt", { cancelWorking: true, mayCancel: false }]]);
});

test.each([
  [{ stop_exits: "true" }, `"stop_exits" has to be true or false`],
  [{ cancel_working: 1 }, `"cancel_working" has to be true or false`],
  [{ reason: " " }, `"reason" has to say something`],
  [{ reason: "x".repeat(201) }, `"reason" has to be at most 200`],
  [{ resume: true }, "resume"],
])("a misunderstanding stops nothing and is told: %j", async (args, message) => {
  const venue = testVenue();
  expect((await errorOf("halt_trading", args, venue)).message).toContain(message);
  expect(venue.calls).toEqual([]);
});
