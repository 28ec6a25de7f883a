import { afterEach, expect, test } from "vitest";
import { type Bench, bench, order, stock } from "../testing/fixtures.ts";

let at: Bench;
afterEach(() => at.end());

/** A day order that rests, is seen a last time, and is then forgotten by the venue. */
async function forgotten(change: Parameters<typeof bench>[0] = {}): Promise<string> {
  at = bench(change);
  const { orderId } = await at.guard.place(order("BUY", "5", { limitPrice: "90" }));
  at.clock.advance(1_000);
  at.venue.orders.clear();
  return orderId ?? "";
}
const until = (iso: string) => at.clock.advance(Date.parse(iso) - at.clock.now());

test("S3: a forgotten day order may work until four and a half hours after its session's close", async () => {
  const id = await forgotten();
  until("2026-06-11T00:30:00.000Z");
  expect((await at.guard.order(id)).status).toBe("submitted");
  at.clock.advance(1);
  expect((await at.guard.order(id)).status).toBe("expired");
});

test("S3: where the market never closes no day ends, and being forgotten proves nothing", async () => {
  const id = await forgotten({ calendar: "always_open" });
  at.clock.advance(100 * 60 * 60_000);
  expect((await at.guard.order(id)).status).toBe("submitted");
});

test("S3: what the list still has is not gone, by the venue's id or by ours", async () => {
  for (const known of ["orderId", "clientOrderId"] as const) {
    const id = await forgotten();
    const placed = await at.guard.order(id);
    const row = { ...(placed as object), orderId: "other", clientOrderId: null, [known]: placed[known] };
    at.venue.broker.orders = async () => ({ kind: "read", value: [row as never], began: at.clock.now() });
    at.clock.advance(20 * 60 * 60_000);
    expect((await at.guard.order(id)).status).toBe("submitted");
    if (known === "orderId") at.end();
  }
});

test("a list from before the order was last heard of says nothing", async () => {
  const id = await forgotten();
  const early = at.clock.now() - 5_000;
  at.venue.broker.orders = async () => ({ kind: "read", value: [], began: early });
  at.clock.advance(20 * 60 * 60_000);
  expect((await at.guard.order(id)).status).toBe("submitted");
});

test("of many open orders eight are read in one decision: each costs a request of the venue's budget", async () => {
  at = bench();
  for (let number = 0; number < 10; number++) {
    await at.guard.place(order("BUY", "1", { limitPrice: String(80 + number) }));
  }
  const asked: string[] = [];
  const broker = { ...at.venue.broker };
  at.venue.broker.order = (id) => {
    asked.push(id);
    return broker.order(id);
  };
  await at.guard.openOrders();
  expect(asked).toHaveLength(8);
});

test("an inactive ticket that was dropped is over after two minutes, and not at two minutes", async () => {
  at = bench();
  at.venue.hold(stock("AAPL"), "5");
  at.venue.nextSubmits.push(async ({ intent }, gate) => {
    await gate.begin();
    at.venue.amend(at.venue.accept(intent).orderId, { status: "inactive" });
    return { kind: "unknown", reason: "HTTP 503", exchanges: [] };
  });
  await expect(at.guard.place(order("SELL", "5", { stopPrice: "80" }))).rejects.toThrow(/inactive/);
  const heard = Math.max(...at.records().map((each) => Date.parse(each.at)));
  at.venue.orders.clear();
  at.clock.advance(heard + 120_000 - at.clock.now());
  expect((await at.guard.order("1")).status).toBe("unknown");
  at.clock.advance(1);
  expect((await at.guard.order("1")).status).toBe("expired");
});
