import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { MORNING } from "../testing/fixtures.ts";
import { manualClock } from "../testing/manual-clock.ts";
import { csvCell, csvHeader, csvRows } from "./export.ts";
import { type Journal, openJournal } from "./journal.ts";
import type { Entry } from "./record.ts";
import { storyOf } from "./story.ts";

let folder: string;
let path: string;
let journal: Journal;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "story-"));
  path = join(folder, "ibkr-DU1-paper.jsonl");
  journal = openJournal(path, { venue: "ibkr", account: "DU1", mode: "paper" }, manualClock(MORNING));
});
afterEach(() => {
  journal.close();
  rmSync(folder, { recursive: true, force: true });
});

const write = (...entries: Entry[]) =>
  journal.locked(1_000, (append) => {
    for (const entry of entries) append(entry);
  });
const check = (rule: string, verdict: "pass" | "skip") => ({
  rule,
  verdict,
  code: null,
  observed: null,
  limit: null,
  message: `${rule} says so`,
  nextStep: null,
  retryable: false,
});
const intent = (clientOrderId: string, symbol = "AAPL"): Entry => ({
  kind: "intent",
  clientOrderId,
  order: {
    instrumentId: "1",
    symbol,
    currency: "USD",
    side: "BUY",
    orderType: "limit",
    quantity: "10",
    cashAmount: null,
    limitPrice: "100",
    stopPrice: null,
    timeInForce: "DAY",
  },
  exit: false,
  worstCase: "1000",
  riskCurrency: "USD",
  checks: [check("live-arm", "pass"), check("symbol-universe", "skip")],
  planId: null,
});
const outcome = (change: Partial<Entry & { kind: "outcome" }> = {}): Entry => ({
  kind: "outcome",
  clientOrderId: "mine",
  outcome: "acknowledged",
  orderId: "77",
  status: "submitted",
  filledQuantity: "0",
  averagePrice: null,
  reason: null,
  exchanges: [{ questionIds: ["o163"], text: "Price\u202e <b>off</b>?", answer: "confirmed" }],
  ...change,
});
const fill = (executionId: string, change: Partial<Entry & { kind: "fill" }> = {}): Entry => ({
  kind: "fill",
  clientOrderId: "mine",
  orderId: "77",
  executionId,
  instrumentId: "1",
  symbol: "AAPL",
  side: "BUY",
  quantity: "4",
  price: "99.5",
  fee: null,
  executedAt: "2026-06-10T15:00:01.000Z",
  ...change,
});
const cancel = { kind: "cancel" as const, clientOrderId: "mine", orderId: "77" };

async function wholeLife(): Promise<void> {
  await write(
    intent("mine"),
    intent("another"),
    { kind: "dispatch", clientOrderId: "mine" },
    outcome(),
    fill("x1"),
    fill("x1", { fee: "-0.25" }),
    { ...cancel, phase: "intent", outcome: null, reason: null },
    { ...cancel, phase: "outcome", outcome: "requested", reason: "in the queue" },
    {
      kind: "resolution",
      clientOrderId: "mine",
      orderId: "77",
      status: "cancelled",
      filledQuantity: "4",
      averagePrice: "99.5",
    },
  );
}

test("an order's whole life is told in its order, by our id and by the venue's", async () => {
  await wholeLife();
  const told = storyOf(path, "mine");
  expect(storyOf(path, "77")).toEqual(told);
  const text = told?.join("\n") ?? "";
  const steps = [
    `${MORNING}  #2  Intent, as an entry, worth at most 1000 USD: BUY 10 AAPL, limit limit 100, DAY.`,
    "Passed: live-arm.",
    "skip: symbol-universe, symbol-universe says so",
    "It was sent",
    'The venue asked (o163): "Price off ?" It was confirmed.',
    "The venue took it as order 77: submitted, 0 filled.",
    "Filled 4 at 99.5 (fee not known yet), executed 2026-06-10T15:00:01.000Z, execution x1.",
    "(fee -0.25)",
    "A cancel of order 77 was about to be sent.",
    "The venue took the cancel and has not confirmed it yet: in the queue.",
    "The venue showed it as order 77: cancelled, 4 filled at 99.5 on average.",
    "By these records it is done now, with status cancelled and 4 of 10 filled.",
  ];
  let from = 0;
  for (const step of steps) {
    expect(text.indexOf(step, from), `${step} in\n${text}`).toBeGreaterThanOrEqual(from);
    from = text.indexOf(step, from);
  }
  expect(text).not.toMatch(/another|\u202e/);
});

test("an order that no record knows has no story", async () => {
  await wholeLife();
  expect(storyOf(path, "nobody")).toBeNull();
});

test("a life of very many records is bounded, and says how much is left out", async () => {
  await write(intent("mine"), ...Array.from({ length: 400 }, (_, index) => fill(`x${index}`)));
  const told = storyOf(path, "mine") ?? [];
  expect(told.length).toBeLessThan(310);
  expect(told.join()).toContain("And 103 more records");
});

test("the export has one row for each order and each fill, in stable columns", async () => {
  await wholeLife();
  expect(csvHeader()).toBe(
    "row,venue,account,mode,at,client_order_id,order_id,symbol,currency,side,order_type,time_in_force,limit_price,stop_price,ordered_quantity,cash_amount,exit,status,quantity,price,fee,execution_id,operator_said\r\n",
  );
  expect([...csvRows(path)]).toEqual([
    `order,ibkr,DU1,paper,${MORNING},mine,77,AAPL,USD,BUY,limit,DAY,100,,10,,false,cancelled,4,99.5,,,\r\n`,
    "fill,ibkr,DU1,paper,2026-06-10T15:00:01.000Z,mine,77,AAPL,USD,BUY,limit,DAY,100,,10,,false,,4,99.5,-0.25,x1,\r\n",
    `order,ibkr,DU1,paper,${MORNING},another,,AAPL,USD,BUY,limit,DAY,100,,10,,false,pending,0,,,,\r\n`,
  ]);
});

test.each([
  ["=1+1", "'=1+1"],
  ['=HYPERLINK("x","y")', `"'=HYPERLINK(""x"",""y"")"`],
  ["+cmd", "'+cmd"],
  ["-2+3", "'-2+3"],
  ["@SUM(A1)", "'@SUM(A1)"],
  ["\t=1", "'\t=1"],
  [" =1", "' =1"],
  ["\r=1", `"'\r=1"`],
  ["-0.25", "-0.25"],
  ["10", "10"],
  ["a,b", '"a,b"'],
  ['say "x"', '"say ""x"""'],
  ["BRK B", "BRK B"],
  ["é", "é"],
])("no cell is a formula to a spreadsheet: %j", (text, cell) => {
  expect(csvCell(text)).toBe(cell);
});

test("a hostile symbol stays text in the export", async () => {
  await write(intent("mine", '=cmd|"/c calc"!A1'));
  expect([...csvRows(path)][0]).toContain(`"'=cmd|""/c calc""!A1"`);
});

test("an order whose fate is not known is exported as unknown, and what the operator said stands beside it", async () => {
  await write(
    intent("sent"),
    { kind: "dispatch", clientOrderId: "sent" },
    intent("lost"),
    outcome({ clientOrderId: "lost", outcome: "unknown", orderId: null, status: "submitted", exchanges: [] }),
    intent("said"),
    outcome({ clientOrderId: "said", outcome: "unknown", orderId: null, status: "unknown", exchanges: [] }),
    {
      kind: "operator",
      act: "resolve",
      clientOrderId: "said",
      as: "not_placed",
      user: "olivia",
      saw: "nothing",
    },
  );
  const rows = [...csvRows(path)].map((row) => row.trimEnd().split(","));
  const status = csvHeader().split(",").indexOf("status");
  expect(rows.map((row) => [row[5], row[status], row.at(-1)])).toEqual([
    ["sent", "unknown", ""],
    ["lost", "unknown", ""],
    ["said", "rejected", "not_placed"],
  ]);
});

test("records of orders that the journal never began, and later notes, leave the export as it is", async () => {
  await write(
    outcome({ clientOrderId: "stranger" }),
    { ...cancel, clientOrderId: null, phase: "intent", outcome: null, reason: null },
    { kind: "note", note: "accepted", reason: "r", by: "olivia" },
    intent("mine"),
  );
  expect([...csvRows(path)]).toEqual([expect.stringMatching(/^order,ibkr,DU1,paper,.*,mine,,AAPL,/)]);
});
