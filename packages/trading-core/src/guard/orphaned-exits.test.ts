import { afterEach, expect, test } from "vitest";
import { type Bench, bench, order, stock } from "../testing/fixtures.ts";

let at: Bench;
afterEach(() => at.end());

const said = (warnings: readonly string[] | undefined) => (warnings ?? []).join(" ");

async function stopOn(quantity: string): Promise<string> {
  at = bench();
  at.venue.hold(stock("AAPL"), quantity);
  const stop = await at.guard.place(order("SELL", quantity, { stopPrice: "90" }));
  at.clock.advance(120_000);
  at.freshQuotes();
  return stop.orderId ?? "";
}

test("S9: a stop on more than is held is told everywhere, with the cancel as next step", async () => {
  const stopId = await stopOn("10");
  at.venue.hold(stock("AAPL"), "4");

  const bought = await at.guard.place(order("BUY", "1", {}, "MSFT"));
  for (const warnings of [
    bought.warnings,
    (await at.guard.posture()).warnings,
    (await at.guard.positions()).warnings,
  ]) {
    expect(said(warnings)).toContain("orphaned_exit");
    expect(said(warnings)).toContain(stopId);
    expect(said(warnings)).toContain("cancel_order");
  }
});

test("S9: a stop on what is held is none, nor is one that was partly filled", async () => {
  const stopId = await stopOn("10");
  expect(said((await at.guard.posture()).warnings)).not.toContain("orphaned_exit");
  at.venue.fill(stopId, "6");
  await at.guard.order(stopId);
  expect(said((await at.guard.positions()).warnings)).not.toContain("orphaned_exit");
  at.venue.settle();
  expect(said((await at.guard.positions()).warnings)).not.toContain("orphaned_exit");
});

test("S9: once the stop is cancelled nothing is told any more", async () => {
  const stopId = await stopOn("10");
  at.venue.hold(stock("AAPL"), "4");
  expect(said((await at.guard.positions()).warnings)).toContain("orphaned_exit");
  await at.guard.cancel(stopId);
  expect(said((await at.guard.positions()).warnings)).toBe("");
});

test("positions that cannot be read are not called gone", async () => {
  await stopOn("10");
  at.venue.positionsUnread = "down";
  expect(said((await at.guard.posture()).warnings)).not.toContain("orphaned_exit");
});
