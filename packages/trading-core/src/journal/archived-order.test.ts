import { appendFileSync, mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { Check } from "../guard/verdict.ts";
import { MORNING } from "../testing/fixtures.ts";
import { intentOf } from "../testing/ledger-of.ts";
import { writeJournal } from "../testing/long-journal.ts";
import { manualClock } from "../testing/manual-clock.ts";
import { archivedOrder } from "./archived-order.ts";
import { filledQuantity } from "./ledger-order.ts";
import type { Entry } from "./record.ts";

let folder: string;
let path: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "archived-"));
  path = join(folder, "account.jsonl");
  // Several pieces of a megabyte.
  writeJournal(path, 12_001, manualClock(MORNING));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

test("every order is found by either id, wherever in the file it stands", async () => {
  expect(statSync(path).size).toBeGreaterThan(3 * 1024 * 1024);
  for (let number = 0; number < 2_400; number += 97) {
    const order = await archivedOrder(path, `order${number}`);
    expect(order).toMatchObject({ orderId: `v${number}`, phase: "done", status: "filled" });
    expect(order && filledQuantity(order).toFixed()).toBe("1");
    expect(order?.fills.size).toBe(1);
    expect((await archivedOrder(path, `v${number}`))?.clientOrderId).toBe(`order${number}`);
  }
});

test("what stands in a text is no id, and an unknown one is no order", async () => {
  for (const id of ["", "x1", 'order1"', "none", "BUY", "long"]) {
    expect(await archivedOrder(path, id)).toBeNull();
  }
});

test("a torn end, a rubbish line and a line longer than a piece are passed over", async () => {
  const rubbish = `rubbish "order1200"\n{"v":1,"long":"${"x".repeat(3 * 1024 * 1024)}"}\n{"v":1,"clientOrderId":"order1200","ki`;
  appendFileSync(path, rubbish);
  expect(await archivedOrder(path, "order1200")).toMatchObject({ orderId: "v1200", status: "filled" });
});

/** Lines of a file of their own, each a record. */
function write(...entries: Entry[]): void {
  const envelope = { v: 1, at: MORNING, writer: {}, prev: "" };
  const lines = entries.map((entry, index) => JSON.stringify({ ...envelope, seq: index + 1, ...entry }));
  writeFileSync(path, `${lines.join("\n")}\n`);
}

function seen(status: "submitted" | "cancelled", averagePrice: string): Entry {
  const filledQuantity = "1";
  return { kind: "resolution", clientOrderId: "wanted", orderId: "v7", status, filledQuantity, averagePrice };
}

test("an intent that is longer than a piece and stands first is read whole, and its records in their order", async () => {
  const check = { rule: "r", verdict: "pass", message: "x".repeat(3 * 1024 * 1024) } as unknown as Check;
  write(
    intentOf("wanted", { quantity: "2", side: "SELL" }, { checks: [check] }),
    seen("submitted", "100"),
    seen("cancelled", "101"),
  );
  const order = await archivedOrder(path, "v7");
  expect(order).toMatchObject({ status: "cancelled", lastSeq: 3, order: { side: "SELL" } });
  expect(order?.averagePrice?.toFixed()).toBe("101");
});

test("what other records say with its id does not make them its own", async () => {
  const cancel = {
    kind: "cancel",
    phase: "intent",
    clientOrderId: null,
    orderId: "v7",
    outcome: null,
    reason: null,
  } as const;
  write(
    intentOf("wanted", { quantity: "2" }),
    seen("submitted", "100"),
    intentOf("another", { quantity: "9" }, { idempotencyKey: "wanted" }),
    cancel,
  );
  for (const id of ["wanted", "v7"]) {
    expect(await archivedOrder(path, id)).toMatchObject({
      clientOrderId: "wanted",
      order: { quantity: "2" },
    });
  }
});

test("an empty first line ends the search", async () => {
  const lone = { v: 1, seq: 1, at: MORNING, writer: {}, prev: "", kind: "dispatch", clientOrderId: "lone" };
  writeFileSync(path, `\n${JSON.stringify(lone)}\n`);
  expect(await archivedOrder(path, "lone")).toBeNull();
});

test("records without their intent are no order", async () => {
  appendFileSync(
    path,
    `${JSON.stringify({ v: 1, seq: 1, at: MORNING, writer: {}, prev: "", kind: "dispatch", clientOrderId: "lone" })}\n`,
  );
  expect(await archivedOrder(path, "lone")).toBeNull();
});
