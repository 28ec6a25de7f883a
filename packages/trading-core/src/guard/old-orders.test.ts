import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { TradingError } from "../domain/errors.ts";
import { openJournal } from "../journal/journal.ts";
import { type Bench, bench, failure, order, stock } from "../testing/fixtures.ts";

/** What is done leaves the memory after eight days; who asks for it by its id is told all the same. */
const DAY = 24 * 60 * 60_000;
let at: Bench;
beforeEach(() => {
  at = bench();
  at.venue.hold(stock("AAPL"), "10");
});
afterEach(() => at.end());

/** Nine days and two thousand records later, in another brokerage session. */
async function muchLater(): Promise<void> {
  await at.guard.history(1);
  at.clock.advance(9 * DAY);
  at.venue.orders.clear();
  at.venue.fills.length = 0;
  at.freshQuotes();
  const path = join(at.stateDir, "journals", "ibkr-DU1-paper.jsonl");
  const other = openJournal(path, { venue: "ibkr", account: "DU1", mode: "paper" }, at.clock);
  await other.locked(1_000, (append) => {
    for (let each = 0; each < 2_000; each++) {
      append({ kind: "dispatch", clientOrderId: "another" }, { sync: false });
    }
  });
  other.close();
}

test("an order of nine days ago is told from the journal, by the venue's id and by ours, with its fills", async () => {
  const bought = await at.guard.place(order("BUY", "5"));
  await at.guard.place(order("SELL", "2"));
  await muchLater();
  for (const id of [bought.orderId ?? "", bought.clientOrderId ?? ""]) {
    const told = await at.guard.order(id);
    expect(told).toMatchObject({
      orderId: bought.orderId,
      clientOrderId: bought.clientOrderId,
      status: "filled",
      side: "BUY",
      message: expect.stringMatching(/^As the journal tells it: it is done.*since 2026-06-10T15:/),
    });
    expect(told.filledQuantity?.toFixed()).toBe("5");
    expect(told.averagePrice?.toFixed()).toBe("100");
    const own = at
      .records()
      .filter((each) => "clientOrderId" in each && each.clientOrderId === told.clientOrderId);
    expect(told.journalSeq).toBe(own.at(-1)?.seq);
  }
  expect((await at.guard.waitForFill(bought.orderId ?? "", 1_000)).timedOut).toBe(false);
});

test("an order that the venue still knows, and the memory does not, is told as ours", async () => {
  const bought = await at.guard.place(order("BUY", "5"));
  const kept = at.venue.orders.get(bought.orderId ?? "");
  await muchLater();
  if (kept) at.venue.orders.set(kept.orderId, kept);
  expect(await at.guard.order(bought.orderId ?? "")).toMatchObject({ warnings: [], status: "filled" });
});

test("the journal tells it while the venue cannot be read", async () => {
  const bought = await at.guard.place(order("BUY", "5"));
  await muchLater();
  at.venue.orderError = new Error("HTTP 503");
  expect(await at.guard.order(bought.orderId ?? "")).toMatchObject({ status: "filled" });
});

test("an id of an old order that the venue gave to somebody else's since is theirs", async () => {
  const bought = await at.guard.place(order("BUY", "5"));
  const kept = at.venue.orders.get(bought.orderId ?? "");
  await muchLater();
  if (kept) at.venue.orders.set(kept.orderId, { ...kept, clientOrderId: "theirs" });
  expect((await at.guard.order(bought.orderId ?? "")).warnings).toHaveLength(1);
});

test("an id in our form that nobody knows is said to be unknown, and not to be none of the venue's", async () => {
  const bought = await at.guard.place(order("BUY", "5"));
  at.venue.broker.checkOrderId = () => {
    throw new TradingError("invalid_order_id", "digits only", "");
  };
  const ours = `${bought.clientOrderId?.slice(0, 4)}00000000000000`;
  expect((await failure(at.guard.order(ours))).code).toBe("order_not_found");
});

test("an id that neither knows is not found, and another's order is another's", async () => {
  const bought = await at.guard.place(order("BUY", "5"));
  const theirs = at.venue.orders.get(bought.orderId ?? "");
  expect((await failure(at.guard.order("999"))).code).toBe("order_not_found");
  const ours = `${bought.clientOrderId?.slice(0, 4)}00000000000000`;
  expect((await failure(at.guard.order(ours))).code).toBe("order_not_found");
  if (theirs) at.venue.orders.set("77", { ...theirs, orderId: "77", clientOrderId: "theirs" });
  expect((await at.guard.order("77")).warnings).toHaveLength(1);
});
