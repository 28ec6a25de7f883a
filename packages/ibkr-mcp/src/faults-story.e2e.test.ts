import { describe, expect, test, vi } from "vitest";
import { ALWAYS, type FaultyVenue, ORDERS, PLACES, withVenue } from "./testing/faulty-venue.ts";

/** Whole stories: what was lost is found, filled, protected and closed, while lists lag behind or are empty. */
vi.setConfig({ maxConcurrency: 6, testTimeout: 90_000 });

describe.concurrent("an order of unknown fate", () => {
  test("is found later, fills, gets its stop, and is closed: five calls, three orders", () =>
    withVenue({}, async (venue) => {
      const symbol = venue.freshSymbol();
      venue.fault(PLACES.order, { type: "503-after-landing" });
      const lift = venue.fault(PLACES.orders, { type: "empty-list" }, ALWAYS);
      const { error } = await venue.server.call(...ORDERS.limit(symbol));
      expect(error).toMatchObject({ code: "outcome_unknown" });
      const id = error.details.client_order_id;
      expect((await venue.server.call("session_status")).data.unresolved).toEqual([id]);
      expect((await venue.server.call("order_status", { order_id: id })).data.status).toBe("unknown");
      lift();
      await vi.waitFor(
        async () => {
          const { data } = await venue.server.call("order_status", { order_id: id });
          expect(data).toMatchObject({ status: "submitted", client_order_id: id });
        },
        { timeout: 15_000, interval: 1_000 },
      );
      expect((await venue.server.call("session_status")).data.unresolved).toEqual([]);
      venue.gateway.control.setPrice(symbol, { last: 49 });
      await expectFilled(venue, id, "1");
      const stop = await venue.server.call(...ORDERS.stop(symbol));
      expect(stop).toMatchObject({ ok: true });
      const closed = await venue.server.call("close_position", { symbol });
      await expectFilled(venue, closed.data.order.order_id, "1");
      expect(venue.orders(symbol).map(({ status }) => status)).toEqual(["Filled", "Cancelled", "Filled"]);
      expect(venue.requests(PLACES.order)).toBe(3);
    }));

  test("of which only the execution is seen is found by it", () =>
    withVenue({}, async (venue) => {
      const symbol = venue.freshSymbol();
      venue.fault(PLACES.reply, { type: "503-after-landing" }, { from: 3 });
      venue.fault(PLACES.orders, { type: "empty-list" }, ALWAYS);
      const answer = await venue.server.call(...ORDERS.amount(symbol));
      expect(answer).toMatchObject({ ok: true, data: { symbol } });
      await expectFilled(venue, answer.data.client_order_id);
      expect(venue.orders(symbol)).toHaveLength(1);
    }));

  test("counts against the day until it is found, and a second server sees it as well", () =>
    withVenue({ env: { MAX_ORDER_VALUE: "60", MAX_DAILY_VALUE: "90" } }, async (venue) => {
      venue.fault(PLACES.order, { type: "503-before" });
      const { error } = await venue.server.call(...ORDERS.limit(venue.freshSymbol()));
      expect(error).toMatchObject({ code: "outcome_unknown" });
      const other = venue.freshSymbol();
      for (const server of [venue.server, await venue.secondServer()]) {
        const refused = await server.call(...ORDERS.limit(other));
        expect(refused).toMatchObject({ ok: false, error: { code: "daily_value_exceeded" } });
      }
      expect(venue.orders(other)).toEqual([]);
    }));
});

test.concurrent("S1: positions that lag for a minute while a position is bought, protected and closed", () =>
  withVenue({ gateway: { timings: { positionsLag: 60_000, invalidatedLag: 60_000 } } }, async (venue) => {
    const symbol = venue.freshSymbol();
    const bought = await venue.server.call("buy", { symbol, quantity: 1 });
    await expectFilled(venue, bought.data.order_id, "1");
    expect(await venue.server.call(...ORDERS.stop(symbol))).toMatchObject({ ok: true });
    expect(await venue.server.call("sell", { symbol, quantity: 1 })).toMatchObject({
      error: { code: "oversell" },
    });
    const closed = await venue.server.call("close_position", { symbol });
    expect(closed).toMatchObject({ ok: true, data: { unprotected: false } });
    await expectFilled(venue, closed.data.order.order_id, "1");
    const again = await venue.server.call("close_position", { symbol });
    expect(again).toMatchObject({ ok: true, data: { order: null } });
    expect(await venue.server.call("sell", { symbol, quantity: 1 })).toMatchObject({ ok: false });
    expect(venue.orders(symbol).map(({ status }) => status)).toEqual(["Filled", "Cancelled", "Filled"]);
    expect(venue.gateway.control.state().accounts[0]?.positions).toEqual([]);
  }));

describe.concurrent("S3: a list that is empty or old closes nothing", () => {
  test.each([
    ["empty", { type: "empty-list" } as const],
    ["an hour old", { type: "stale-list", milliseconds: 3_600_000 } as const],
  ])("%s: what works keeps working, and a close cancels and sells once", (_what, action) =>
    withVenue({}, async (venue) => {
      const resting = venue.freshSymbol();
      const placed = await venue.server.call(...ORDERS.limit(resting));
      const held = venue.freshSymbol();
      venue.gateway.control.setPosition(held, 1, 50);
      expect(await venue.server.call(...ORDERS.stop(held))).toMatchObject({ ok: true });
      const committed = await venue.committed();
      venue.fault(PLACES.orders, action, ALWAYS);
      // The list that was read before serves for five seconds more.
      await vi.waitFor(
        async () => {
          const { data } = await venue.server.call("open_orders");
          expect(data.orders).toHaveLength(2);
          expect(data).toMatchObject({
            complete: false,
            message: expect.stringMatching(/lacks our working order/),
          });
        },
        { timeout: 20_000, interval: 1_000 },
      );
      const status = await venue.server.call("order_status", { order_id: placed.data.order_id });
      expect(status.data).toMatchObject({ status: "submitted" });
      expect(await venue.committed()).toBe(committed);
      expect(await venue.server.call("sell", { symbol: held, quantity: 1 })).toMatchObject({ ok: false });
      const closed = await venue.server.call("close_position", { symbol: held });
      expect(closed).toMatchObject({ ok: true, data: { cancelled: [expect.any(String)] } });
      await expectFilled(venue, closed.data.order.order_id, "1");
      expect(venue.orders(held).map(({ status: word }) => word)).toEqual(["Cancelled", "Filled"]);
      expect(venue.orders(resting)).toMatchObject([{ status: "Submitted" }]);
    }),
  );

  test("not even with the venue denying that it knows the order", () =>
    withVenue({}, async (venue) => {
      const symbol = venue.freshSymbol();
      const placed = await venue.server.call(...ORDERS.limit(symbol));
      const body = JSON.stringify({ error: `Order ${placed.data.order_id} is not found`, statusCode: 503 });
      venue.fault(PLACES.orders, { type: "empty-list" }, ALWAYS);
      venue.fault(PLACES.status, { type: "status", status: 503, body }, ALWAYS);
      const seen = await venue.server.call("order_status", { order_id: placed.data.order_id });
      expect(seen.data).toMatchObject({ status: "submitted" });
      expect(await venue.committed()).toBeGreaterThan(0);
      expect(venue.orders(symbol)).toMatchObject([{ status: "Submitted" }]);
    }));
});

async function expectFilled(venue: FaultyVenue, orderId: string, quantity?: string): Promise<void> {
  const { data } = await venue.server.call("wait_for_fill", { order_id: orderId, timeout_seconds: 20 });
  expect(data).toMatchObject({
    status: "filled",
    ...(quantity !== undefined && { filled_quantity: quantity }),
  });
}
