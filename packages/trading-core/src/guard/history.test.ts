import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { openJournal } from "../journal/journal.ts";
import type { Entry } from "../journal/record.ts";
import { type Bench, bench, failure, order, stock } from "../testing/fixtures.ts";

let at: Bench;
beforeEach(() => {
  at = bench();
  at.venue.hold(stock("AAPL"), "10");
});
afterEach(() => at.end());

/** The account's journal, as the operator's commands and other servers write it. */
async function write(...entries: Entry[]): Promise<void> {
  const path = join(at.stateDir, "journals", "ibkr-DU1-paper.jsonl");
  const other = openJournal(path, { venue: "ibkr", account: "DU1", mode: "paper" }, at.clock);
  await other.locked(1_000, (append) => {
    for (const entry of entries) append(entry);
  });
  other.close();
}

const newest = async (limit = 1) => (await at.guard.history(limit)).records;

test("a halt is told with who moved the switch, from where, and why", async () => {
  await at.guard.halt({ stopExits: false, cancelWorking: false, mayCancel: false, reason: "news" });
  expect(await newest()).toMatchObject([
    {
      kind: "switch",
      status: "REDUCING",
      message: "an agent moved trading from ACTIVE to REDUCING: news",
      symbol: null,
      clientOrderId: null,
    },
  ]);
});

test("a resume is told with the operator's name", async () => {
  await at.guard.place(order("SELL", "1"));
  await at.guard.history(1);
  const moved = { kind: "switch", state: "ACTIVE", before: "HALTED", reason: "looked at it" } as const;
  await write({ ...moved, origin: "operator", user: "olivia" });
  expect(await newest()).toMatchObject([
    {
      kind: "switch",
      status: "ACTIVE",
      message: "the operator (olivia) moved trading from HALTED to ACTIVE: looked at it",
    },
  ]);
});

test("the operator's word on an order is told with the order, and with what was read before", async () => {
  at.venue.nextSubmits.push(async (_, gate) => {
    await gate.begin();
    return { kind: "unknown", reason: "HTTP 503", exchanges: [] };
  });
  const { details } = await failure(at.guard.place(order("BUY", "3", { limitPrice: "99" })));
  const clientOrderId = String(details?.client_order_id);
  const word = { kind: "operator", act: "resolve", clientOrderId, user: "olivia", saw: "4 orders" } as const;
  await write({ ...word, as: "placed", filled: "2", price: "98.5" }, { ...word, as: "not_placed" });
  expect(await newest(2)).toMatchObject([
    {
      kind: "operator",
      status: "declared placed",
      symbol: "AAPL",
      side: "BUY",
      quantity: "3",
      message: "by olivia, with 2 filled at 98.5; the venue was read right before: 4 orders",
    },
    { status: "declared not placed", message: "by olivia; the venue was read right before: 4 orders" },
  ]);
});

test("the end of a day's entries and a lost exit are told as well", async () => {
  const { clientOrderId } = await at.guard.place(order("SELL", "1"));
  await at.guard.history(1);
  await write(
    { kind: "state", state: "REDUCING", until: "2026-06-11", reason: "the day's loss" },
    {
      kind: "absence",
      clientOrderId: clientOrderId ?? "",
      reading: 3,
      readAt: "2026-06-10T15:10:00.000Z",
      held: "10",
      listed: 4,
      presumed: true,
    },
  );
  expect(await newest(2)).toMatchObject([
    { status: "REDUCING", message: "entries are refused until 2026-06-11: the day's loss" },
    { status: "presumed absent", symbol: "AAPL", message: "reading 3 in a row that lacked it, with 10 held" },
  ]);
});

test("every record that is told counts: so many shown, so many left out", async () => {
  await at.guard.place(order("SELL", "1"));
  await at.guard.halt({ stopExits: false, cancelWorking: false, mayCancel: false, reason: "news" });
  const all = await at.guard.history(100);
  expect(all.omitted).toBe(0);
  expect(await at.guard.history(1)).toMatchObject({ omitted: all.records.length - 1 });
});

test("records of an order that has left the memory still say what it was", async () => {
  for (const size of ["1", "2"]) await at.guard.place(order("SELL", size));
  const { clientOrderId, orderId } = await at.guard.place(order("SELL", "3"));
  await at.guard.history(1);
  at.clock.advance(9 * 24 * 60 * 60_000);
  const path = join(at.stateDir, "journals", "ibkr-DU1-paper.jsonl");
  const other = openJournal(path, { venue: "ibkr", account: "DU1", mode: "paper" }, at.clock);
  await other.locked(1_000, (append) => {
    // To the end of the second thousand, and not so far that the order's own records are out of reach.
    for (let each = at.records().length; each < 2_004; each++)
      append({ kind: "dispatch", clientOrderId: "none" }, { sync: false });
  });
  other.close();
  const { records } = await at.guard.history(500);
  const kinds = ["intent", "outcome"];
  const told = records.filter((each) => each.clientOrderId === clientOrderId && kinds.includes(each.kind));
  const same = { symbol: "AAPL", side: "SELL", quantity: "3", orderId };
  expect(told).toMatchObject([same, same]);
});
