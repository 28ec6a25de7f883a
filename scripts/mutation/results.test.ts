import { describe, expect, test } from "vitest";
import { page, table } from "./page.ts";
import {
  asEntry,
  asLines,
  compare,
  count,
  type FileResult,
  figuresOf,
  fromLines,
  hashOf,
  judge,
  type Mutant,
  mutantsOf,
} from "./results.ts";

const mutant = (change: Partial<Mutant> = {}): Mutant => ({
  file: "guard/a.ts",
  line: 3,
  mutator: "EqualityOperator",
  original: "a > b",
  replacement: "a >= b",
  status: "Survived",
  ...change,
});
const result = (mutants: Mutant[], file = "guard/a.ts"): FileResult => ({
  file,
  source: hashOf("text"),
  date: "2026-06-10",
  commit: "abc1234",
  ...figuresOf(mutants),
});
const entry = (change = {}) => ({ ...asEntry(mutant()), reason: "a is never b", ...change });

test("a mutant is known by the text that it replaces, with white space made single, and never by its line", () => {
  const at = (line: number, column: number) => ({ line, column });
  const report = {
    files: {
      "src/guard/a.ts": {
        source: "const x =\n  a >\n  b;\n",
        mutants: [
          {
            mutatorName: "EqualityOperator",
            replacement: "a >=\n b",
            status: "Survived",
            location: { start: at(2, 3), end: at(3, 4) },
          },
          {
            mutatorName: "Ignored",
            status: "Ignored",
            location: { start: at(1, 1), end: at(1, 2) },
          },
          {
            mutatorName: "BlockStatement",
            status: "RuntimeError",
            location: { start: at(1, 7), end: at(1, 8) },
          },
        ],
      },
    },
  };
  expect(mutantsOf(report, "src/guard/a.ts", "guard/a.ts")).toEqual([
    mutant({ line: 2 }),
    mutant({ line: 1, mutator: "BlockStatement", original: "x", replacement: "", status: "Error" }),
  ]);
  expect(mutantsOf(report, "src/guard/none.ts", "guard/none.ts")).toEqual([]);
});

test("uncovered mutants count as missed, time-outs as caught, and what could not be loaded not at all", () => {
  const mutants = (["Killed", "Killed", "Survived", "NoCoverage", "Timeout", "Error"] as const).map(
    (status) => mutant({ status }),
  );
  expect(count([result(mutants)])).toEqual({ killed: 2, survived: 1, uncovered: 1, timeout: 1, score: 60 });
  expect(count([]).score).toBe(100);
});

describe("a survivor is excused only by an entry of its own with a reason", () => {
  const compared = (...entries: ReturnType<typeof entry>[]) => {
    const { listed, unlisted, stale } = compare([result([mutant()])], entries);
    return [listed.length, unlisted.length, stale.length];
  };
  test("by one that fits", () => {
    expect(compared(entry())).toEqual([1, 0, 0]);
    expect(compared(entry({ original: "a…", replacement: "…" }))).toEqual([1, 0, 0]);
  });
  test.each([{ reason: "" }, { original: "a < b" }, { replacement: "true" }, { mutator: "BooleanLiteral" }])(
    "not by one with %j",
    (change) => {
      expect(compared(entry(change))).toEqual([0, 1, 1]);
    },
  );
  test("an entry for a file that was not measured is not called stale", () => {
    expect(compared(entry({ file: "guard/b.ts" }))).toEqual([0, 1, 0]);
  });
  test("a mutant that is caught needs none", () => {
    expect(compare([result([mutant({ status: "Killed" })])], [entry()])).toMatchObject({
      unlisted: [],
      stale: [entry()],
    });
  });
});

describe("figures are kept for the next run, on whichever machine", () => {
  const of = (file: string, text: string): FileResult => ({
    ...result([mutant()], file),
    source: hashOf(text),
  });
  const judged = (stored: FileResult[]) =>
    judge(
      stored,
      new Map([
        ["guard/a.ts", "now"],
        ["guard/b.ts", "now"],
        ["guard/new.ts", "now"],
      ]),
    );

  test("of a text that stands as it was measured they count", () => {
    expect(judged([of("guard/a.ts", "now"), of("guard/b.ts", "now")])).toEqual({
      current: [of("guard/a.ts", "now"), of("guard/b.ts", "now")],
      changed: [],
      unmeasured: ["guard/new.ts"],
    });
  });
  test("of a text that was changed since they do not", () => {
    const { current, changed } = judged([of("guard/a.ts", "before"), of("guard/b.ts", "now")]);
    expect(current.map(({ file }) => file)).toEqual(["guard/b.ts"]);
    expect(changed).toEqual(["guard/a.ts"]);
  });
  test("of a file that is gone nothing is left", () => {
    expect(judged([of("guard/gone.ts", "now")])).toMatchObject({ current: [], changed: [] });
  });
  test("they come back from the file as they were, a line each, sorted by name", () => {
    const results = [of("guard/b.ts", "now"), of("guard/a.ts", "now")];
    const text = asLines(results);
    expect(text.split("\n").map((line) => line.slice(0, 21))).toEqual([
      '{"file":"guard/a.ts",',
      '{"file":"guard/b.ts",',
      "",
    ]);
    expect(fromLines(text)).toEqual([...results].reverse());
    expect(fromLines("")).toEqual([]);
  });
});

test("an entry that waits for its reason is short enough to read", () => {
  expect(asEntry(mutant({ original: "x".repeat(500) })).original).toBe(`${"x".repeat(100)}…`);
});

test("the table has the worst file first and the sum last", () => {
  const rows = table([
    result([mutant({ status: "Killed" })], "guard/good.ts"),
    result([mutant(), mutant({ status: "Killed" })], "guard/bad.ts"),
    result([], "guard/types-only.ts"),
  ]).split("\n");
  expect(rows.slice(2)).toEqual([
    "| guard/bad.ts | 1 | 1 | 0 | 0 | 50.0 | abc1234 |",
    "| guard/good.ts | 1 | 0 | 0 | 0 | 100.0 | abc1234 |",
    "| **all** | 2 | 1 | 0 | 0 | 66.7 |  |",
  ]);
});

test("the page tells the score, how many survivors have no reason, and the reasons of the others", () => {
  const other = mutant({ original: "c", replacement: "" });
  const text = page([result([mutant(), other])], [entry()], {
    changed: ["guard/c.ts"],
    unmeasured: ["guard/b.ts"],
  });
  expect(text).toContain("**0.0 %** of 2 mutants caught. 1 survivor has no reason yet.");
  expect(text).toContain(
    "of the files below alone.\n\nChanged since measured (1): guard/c.ts.\n\nNot measured yet (1): guard/b.ts.\n",
  );
  expect(text).toContain("a is never b\n- guard/a.ts: `` a > b `` → `` a >= b ``");
  const whole = page([result([mutant()])], [entry()], { changed: [], unmeasured: [] });
  expect(whole).toContain("Every survivor is listed below.");
  expect(whole).not.toContain("alone");
});
