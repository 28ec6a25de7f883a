import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterEach, beforeEach, expect, test } from "vitest";
import { MORNING } from "../testing/fixtures.ts";
import { intentOf } from "../testing/ledger-of.ts";
import { manualClock } from "../testing/manual-clock.ts";
import { randomRecords } from "../testing/random-records.ts";
import { committedValue, executedValue, remainingWorstCase } from "./commitments.ts";
import { fromExactJson, toExactJson } from "./exact-json.ts";
import { type Journal, openJournal } from "./journal.ts";
import { createLedger, type Ledger, type SavedLedger } from "./ledger.ts";
import { endedUntold, lacksExecutions } from "./ledger-order.ts";
import type { JournalRecord } from "./record.ts";

const runs = { numRuns: 60, seed: 20_260_611 };
const DAY_MS = 24 * 60 * 60_000;

/** Everything that a ledger can be asked, in text. */
function told(ledger: Ledger): string {
  const orders = [...ledger.orders.values()];
  const instruments = [...new Set(orders.map((order) => order.order.instrumentId))];
  const days = [0, 1, 2].map((back) => Math.floor(Date.parse(MORNING) / DAY_MS) - back);
  const ids = (found: Iterable<{ clientOrderId: string }>) => [...found].map((each) => each.clientOrderId);
  return toExactJson({
    state: ledger.save(),
    open: ids(ledger.openOrders()),
    untold: ids(ledger.untold).sort(),
    lacking: ids(ledger.lacking).sort(),
    byOrderId: orders.map((order) => ledger.byOrderId(order.orderId ?? "")?.clientOrderId ?? null),
    instruments: instruments.map((id) => [
      id,
      ids(ledger.ordersOf(id)),
      ids(ledger.ordersOf(id, Date.parse(MORNING))),
      ledger.movementsOf(id),
      ledger.lastMovedAt(id),
      ledger.settled(id),
    ]),
    committed: days.map((day) => committedValue(ledger, (at) => Math.floor(at / DAY_MS) === day, "USD")),
    keys: ["k1", "k2", "k3"].map((key) => {
      const use = ledger.boundTo(key, Date.parse(MORNING));
      return use === null ? null : use.kind === "order" ? use.order.clientOrderId : use.plan.planId;
    }),
    scalars: [ledger.incomplete, ledger.lastSeq, ledger.lastMovementSeq, ledger.count("fill")],
    policies: ledger.policies,
    reducing: ledger.reducing,
    dispatched: ledger.dispatchedSince(0),
  });
}

const histories = fc.record({
  seed: fc.integer({ min: 1, max: 1_000_000 }),
  length: fc.integer({ min: 1, max: 3_000 }),
  cut: fc.double({ min: 0, max: 1, noNaN: true }),
});

test("S36: a checkpoint with the records after it is the whole fold, whatever was journaled and wherever it was cut", () => {
  fc.assert(
    fc.property(histories, ({ seed, length, cut }) => {
      const records = randomRecords(seed, length);
      const whole = createLedger();
      for (const record of records) whole.apply(record);
      const first = createLedger();
      const at = Math.floor(records.length * cut);
      for (const record of records.slice(0, at)) first.apply(record);
      const second = createLedger(fromExactJson(toExactJson(first.save())) as SavedLedger);
      for (const record of records.slice(at)) second.apply(record);
      expect(told(second)).toBe(told(whole));
    }),
    runs,
  );
});

test("S21: the sums kept by the hour are what a walk over all orders adds up to, day by day", () => {
  fc.assert(
    fc.property(histories, ({ seed, length }) => {
      const ledger = createLedger();
      for (const record of randomRecords(seed, length)) ledger.apply(record);
      const orders = [...ledger.orders.values()];
      for (let back = 0; back < 12; back++) {
        // Days that begin at odd minutes as well: the sums must not depend on where a day begins.
        const from = Date.parse(MORNING) - back * DAY_MS - 17 * 60_000;
        const onDay = (at: number) => at >= from && at < from + DAY_MS;
        const entries = orders.filter((order) => !order.exit);
        const walked = entries.reduce(
          (total, order) => total.plus(executedValue(order, onDay)).plus(remainingWorstCase(order)),
          committedValue(createLedger(), onDay, "USD"),
        );
        expect(committedValue(ledger, onDay, "USD").toFixed()).toBe(walked.toFixed());
      }
      expect(new Set(ledger.untold)).toEqual(new Set(orders.filter(endedUntold)));
      expect(new Set(ledger.lacking)).toEqual(new Set(orders.filter(lacksExecutions)));
      expect(ledger.openOrders()).toEqual(orders.filter((order) => order.phase !== "done"));
    }),
    runs,
  );
});

test("what is done and old leaves the memory, what is open or young never does", () => {
  const ledger = createLedger();
  const records = randomRecords(7, 60_000);
  for (const record of records) ledger.apply(record);
  const last = Date.parse(records.at(-1)?.at ?? "");
  const intents = records.filter((record) => record.kind === "intent");
  expect(ledger.orders.size).toBeLessThan(intents.length / 2);
  for (const record of intents) {
    if (last - Date.parse(record.at) < 7 * DAY_MS) expect(ledger.orders.has(record.clientOrderId)).toBe(true);
  }
  expect(ledger.count("intent")).toBe(intents.length);
});

test("S26: a clock that was set a year ahead for a moment makes no order of today leave", () => {
  const ledger = createLedger();
  const records = randomRecords(9, 2_500).map((record) => ({ ...record, at: MORNING }) as JournalRecord);
  const ahead = new Date(Date.parse(MORNING) + 365 * DAY_MS).toISOString();
  for (const record of records) {
    ledger.apply(record.seq >= 990 && record.seq <= 1_500 ? { ...record, at: ahead } : record);
  }
  const intents = records.filter((record) => record.kind === "intent");
  expect(ledger.orders.size).toBe(intents.length);
});

const clock = manualClock(MORNING);
let folder: string;
let path: string;
let open: Journal[];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "checkpoint-"));
  path = join(folder, "account.jsonl");
  open = [];
});
afterEach(() => {
  for (const journal of open) journal.close();
  rmSync(folder, { recursive: true, force: true });
});

function start(): Journal {
  const journal = openJournal(path, { venue: "ibkr", account: "DU1", mode: "paper" }, clock);
  open.push(journal);
  return journal;
}

/** A journal long enough for a checkpoint at its end, and a few records after it. */
async function withCheckpoint(): Promise<void> {
  const journal = start();
  await journal.locked(1_000, (append) => {
    for (let each = 0; each < 300; each++) append(intentOf(`a${each}`), { sync: false });
    append(intentOf("last"));
  });
  journal.close();
  const after = start();
  await after.locked(1_000, (append) => append(intentOf("after")));
}

/** How many orders a start knows when the journal's first half can no longer be understood. */
function startBlind(): number {
  const text = readFileSync(path, "utf8");
  // Of the same length and in the middle: only a reader of the whole file stumbles over it.
  writeFileSync(path, text.replace('"clientOrderId":"a5"', '"clientOrderId":"zz"'));
  const journal = start();
  return journal.ledger.incomplete === null ? journal.ledger.orders.size : -1;
}

test("S36: a start reads the records after the checkpoint, and no others", async () => {
  await withCheckpoint();
  expect(statSync(`${path}.checkpoint`).mode & 0o777).toBe(0o600);
  expect(startBlind()).toBe(302);
});

test.each<[string, (text: string) => string]>([
  ["another journal's", (text) => text.replace(/"journalId":"[^"]*"/, '"journalId":"another"')],
  ["one of another record", (text) => text.replace(/"hash":"[^"]*"/, `"hash":"${"0".repeat(64)}"`)],
  ["one of another place", (text) => text.replace(/"end":\d+/, '"end":300')],
  ["another fold's", (text) => text.replace(/"fold":"\d+/, '"fold":"999')],
  ["a changed one", (text) => text.replace('"a7"', '"q7"')],
  ["half of one", (text) => text.slice(0, text.length / 2)],
  ["none at all", () => ""],
  ["no checkpoint", () => "rubbish\nrubbish\n"],
])("S36: %s is not believed, and the whole journal is read", async (_, change) => {
  await withCheckpoint();
  const file = `${path}.checkpoint`;
  writeFileSync(file, change(readFileSync(file, "utf8")));
  const { ledger } = start();
  expect(ledger.orders.size).toBe(302);
  expect(ledger.incomplete).toBeNull();
  expect(startBlind()).toBe(-1);
});

test("S36: no checkpoint is written of a journal that cannot be relied on", async () => {
  const journal = start();
  await journal.locked(1_000, (append) => {
    for (let each = 0; each < 300; each++) append(intentOf(`a${each}`), { sync: false });
  });
  journal.ledger.quarantine("something is wrong");
  journal.close();
  expect(() => statSync(`${path}.checkpoint`)).toThrow("ENOENT");
});
