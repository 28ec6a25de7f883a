import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { Check } from "../guard/verdict.ts";
import { MORNING } from "../testing/fixtures.ts";
import { intentOf } from "../testing/ledger-of.ts";
import { manualClock } from "../testing/manual-clock.ts";
import { type Journal, openJournal } from "./journal.ts";
import type { Entry, JournaledOrder } from "./record.ts";
import { storyOf } from "./story.ts";

let folder: string;
let path: string;
let journal: Journal;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "words-"));
  path = join(folder, "ibkr-DU1-paper.jsonl");
  journal = openJournal(path, { venue: "ibkr", account: "DU1", mode: "paper" }, manualClock(MORNING));
});
afterEach(() => {
  journal.close();
  rmSync(folder, { recursive: true, force: true });
});

/** The story of the order "mine" without times and places: one line for each sentence. */
async function told(...entries: Entry[]): Promise<string[]> {
  await journal.locked(1_000, (append) => {
    for (const entry of entries) append(entry);
  });
  return (storyOf(path, "mine") ?? []).map((line) => line.replace(/^\S+ {2}#\d+ {2}/, ""));
}

const mine = (order: Partial<JournaledOrder> = {}, more: Partial<Entry & { kind: "intent" }> = {}) =>
  intentOf("mine", { symbol: "AAPL", ...order }, more);
const outcome = (change: Partial<Entry & { kind: "outcome" }>): Entry => ({
  kind: "outcome",
  clientOrderId: "mine",
  outcome: "acknowledged",
  orderId: "77",
  status: "submitted",
  filledQuantity: null,
  averagePrice: null,
  reason: null,
  exchanges: [],
  ...change,
});
const seen = (change: Partial<Entry & { kind: "resolution" }> = {}): Entry => ({
  kind: "resolution",
  clientOrderId: "mine",
  orderId: "77",
  status: "submitted",
  filledQuantity: null,
  averagePrice: null,
  ...change,
});
const cancel = (change: Partial<Entry & { kind: "cancel" }>): Entry => ({
  kind: "cancel",
  clientOrderId: "mine",
  orderId: "77",
  phase: "outcome",
  outcome: "done",
  reason: null,
  ...change,
});
const verdict = (rule: string, word: Check["verdict"]): Check => ({
  rule,
  verdict: word,
  code: null,
  observed: null,
  limit: null,
  message: `${rule} says so`,
  nextStep: null,
  retryable: false,
});

describe("what was ordered", () => {
  const cases: [string, Partial<JournaledOrder>][] = [
    ["BUY 1 AAPL, market, DAY.", {}],
    ["BUY 50 USD of AAPL, market, DAY.", { quantity: null, cashAmount: "50" }],
    [
      "SELL 1 AAPL, stop_limit stop 90 limit 89, GTC.",
      { side: "SELL", orderType: "stop_limit", stopPrice: "90", limitPrice: "89", timeInForce: "GTC" },
    ],
    [
      "SELL 1 AAPL, trailing_stop trailing by 2.5, DAY.",
      { side: "SELL", orderType: "trailing_stop", trailAmount: "2.5" },
    ],
    [
      "SELL 1 AAPL, trailing_stop trailing by 3 %, DAY.",
      { side: "SELL", orderType: "trailing_stop", trailPercent: "3" },
    ],
    [
      "BUY 1 AAPL, market, DAY, as a bracket with take-profit 110 and stop-loss 90.",
      { takeProfit: "110", stopLoss: "90" },
    ],
  ];
  test.each(cases)("%s", async (words, order) => {
    expect((await told(mine(order)))[0]).toBe(`Intent, as an entry, worth at most 1 USD: ${words}`);
  });

  test("an exit that nobody priced, as a step of a plan", async () => {
    const lines = await told(mine({ side: "SELL" }, { exit: true, worstCase: null, planId: "p1" }));
    expect(lines).toEqual([
      "Intent, as an exit: SELL 1 AAPL, market, DAY. It is a step of the plan p1.",
      "    Passed: none.",
      "By these records it is intended and not sent now, with status pending and 0 of 1 filled.",
    ]);
  });

  test("every verdict that was not a pass is told with its reason", async () => {
    const checks = [verdict("live-arm", "pass"), verdict("clock", "pass"), verdict("duplicate", "refuse")];
    expect((await told(mine({}, { checks }))).slice(1, 3)).toEqual([
      "    Passed: live-arm, clock.",
      "    refuse: duplicate, duplicate says so",
    ]);
  });

  test("a dry run says that nothing was sent", async () => {
    const { order } = mine();
    const dryRun = { kind: "dry_run", clientOrderId: "mine", order, checks: [verdict("clock", "skip")] };
    expect(await told(dryRun as Entry)).toEqual([
      "Dry run, nothing was sent: BUY 1 AAPL, market, DAY.",
      "    Passed: none.",
      "    skip: clock, clock says so",
    ]);
  });
});

describe("what became of it", () => {
  const cases: [string, string, Partial<Entry & { kind: "outcome" }>][] = [
    ["taken", "The venue took it as order 77: submitted.", {}],
    [
      "taken and filled at once",
      "The venue took it as order 77: filled, 1 filled at 99.5 on average.",
      { status: "filled", filledQuantity: "1", averagePrice: "99.5" },
    ],
    ["not taken", "The venue did not take it: no money.", { outcome: "rejected", reason: "no money" }],
    ["not taken, no reason", "The venue did not take it.", { outcome: "rejected" }],
    ["not sent", "It was not sent: the switch moved.", { outcome: "not_sent", reason: "the switch moved" }],
    [
      "unknown",
      "The venue's answer does not say what became of it: a time-out. It counts as if it existed.",
      { outcome: "unknown", reason: "a time-out" },
    ],
  ];
  test.each(cases)("%s", async (_, words, change) => {
    expect((await told(mine(), outcome(change)))[2]).toBe(words);
  });

  test("each question of the venue with what was answered", async () => {
    const exchanges = [{ questionIds: ["o163", "o354"], text: "Far off?", answer: "declined" as const }];
    expect((await told(mine(), outcome({ exchanges }))).slice(2, 4)).toEqual([
      'The venue asked (o163, o354): "Far off?" It was declined.',
      "    The venue took it as order 77: submitted.",
    ]);
  });

  test("S15: each reading that lacked it, and when it is presumed absent", async () => {
    const absence = (reading: number, presumed: boolean) =>
      ({ kind: "absence", clientOrderId: "mine", readAt: MORNING, reading, held: "3", presumed }) as Entry;
    const lines = await told(mine(), absence(2, false), absence(3, true));
    expect(lines.slice(2, 4)).toEqual([
      `A complete reading of ${MORNING} lacked it: reading 2 in a row, with 3 held.`,
      `A complete reading of ${MORNING} lacked it: reading 3 in a row, with 3 held. It is presumed absent, and reserves nothing until it is found.`,
    ]);
  });

  test("a filled quantity is told with its price where that is known", async () => {
    const lines = await told(
      mine(),
      seen({ filledQuantity: "0.5" }),
      seen({ filledQuantity: "1", averagePrice: "9" }),
    );
    expect(lines.slice(2, 4)).toEqual([
      "The venue showed it as order 77: submitted, 0.5 filled.",
      "The venue showed it as order 77: submitted, 1 filled at 9 on average.",
    ]);
  });
});

describe("how a cancel went", () => {
  const cases: [string, Partial<Entry & { kind: "cancel" }>][] = [
    ["A cancel of order 77 was about to be sent.", { phase: "intent", outcome: null }],
    ["The venue confirmed the end of order 77.", {}],
    ["The venue took the cancel and has not confirmed it yet.", { outcome: "requested" }],
    ["The venue did not cancel it: too late.", { outcome: "rejected", reason: "too late" }],
    ["The cancel was not sent: no session.", { outcome: "not_sent", reason: "no session" }],
    ["Whether the cancel arrived is not known: a time-out.", { outcome: "unknown", reason: "a time-out" }],
  ];
  test.each(cases)("%s", async (words, change) => {
    expect((await told(mine(), cancel(change)))[2]).toBe(words);
  });

  test("a cancel of an order of somebody else is found by the venue's id", async () => {
    await told(cancel({ clientOrderId: null, orderId: "901" }));
    expect(storyOf(path, "901")?.join()).toContain("The venue confirmed the end of order 901.");
    expect(storyOf(path, "77")).toBeNull();
  });
});

describe("S16: what the operator declared", () => {
  const declared = (more: Partial<Entry & { kind: "operator" }>) =>
    ({
      kind: "operator",
      act: "resolve",
      clientOrderId: "mine",
      as: "placed",
      user: "olivia",
      saw: "nothing of it",
      ...more,
    }) as Entry;
  const cases: [string, Partial<Entry & { kind: "operator" }>][] = [
    ["not placed", { as: "not_placed" }],
    ["placed", {}],
    ["placed and over, with 1 filled", { filled: "1" }],
    ["placed and over, with 1 filled at 99 on average", { filled: "1", price: "99" }],
  ];
  test.each(cases)("%s", async (words, more) => {
    const lines = await told(mine(), outcome({ outcome: "unknown", orderId: null }), declared(more));
    expect(lines[3]).toBe(
      `The operator (olivia) declared it ${words}. The venue was read right before: nothing of it.`,
    );
  });
});

describe("where it stands at the end", () => {
  const cases: [string, Entry[]][] = [
    ["sent and without an answer now, with status pending", [{ kind: "dispatch", clientOrderId: "mine" }]],
    ["working now, with status submitted", [outcome({})]],
    [
      "of unknown fate now, with status unknown",
      [outcome({ outcome: "unknown", orderId: null, status: "unknown" })],
    ],
    ["done now, with status cancelled", [outcome({}), seen({ status: "cancelled", filledQuantity: "0" })]],
  ];
  test.each(cases)("%s", async (words, entries) => {
    expect((await told(mine(), ...entries)).at(-1)).toBe(
      `By these records it is ${words} and 0 of 1 filled.`,
    );
  });

  test("an order by amount has no size to compare with", async () => {
    expect((await told(mine({ quantity: null, cashAmount: "50" }))).at(-1)).toBe(
      "By these records it is intended and not sent now, with status pending and 0 filled.",
    );
  });

  test("what is not told for its length is counted", async () => {
    const many = Array.from({ length: 302 }, () => seen());
    const lines = await told(mine(), ...many);
    expect(lines.at(-2)).toBe("And 4 more records; export them with `journal export --csv`.");
  });
});

test("an id that two orders bore at the venue tells of the later one", async () => {
  await told(intentOf("first"), outcome({ clientOrderId: "first" }), mine(), outcome({}));
  expect(storyOf(path, "77")).toEqual(storyOf(path, "mine"));
});
