import { existsSync, readdirSync, readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";

/**
 * Every clause of the order-safety specification is held by a test whose title bears its number. A clause
 * without one is a promise that nobody would notice being broken.
 */
const CLAUSES = Array.from({ length: 37 }, (_, index) => `S${index + 1}`);

/** Clauses without a test of their own, each with the reason. One that gets a test leaves the list. */
const NOT_YET: Record<string, string> = {
  S28: "modify_order is not built: no tool and no port changes a working order",
};

const root = new URL("../", import.meta.url).pathname;
const sources = readdirSync(`${root}packages`).map((name) => `packages/${name}/src`);
const tests = [...sources, "scripts"].filter((folder) => existsSync(root + folder)).flatMap(testsIn);

function testsIn(folder: string): string[] {
  return readdirSync(root + folder, { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".test.ts") && !name.includes("node_modules"))
    .map((name) => `${folder}/${name}`);
}

/** The numbers that open a title: "S13: …", or several, "S1, H12: …". A mention in a comment is no test. */
function numbersIn(source: string): string[] {
  return [...source.matchAll(/["'`]((?:[SLCHM]\d{1,2}(?:, )?)+): /g)].flatMap(([, list = ""]) =>
    list.split(", "),
  );
}

describe("the numbers of clauses in the titles of tests", () => {
  const carried = new Set(tests.flatMap((path) => numbersIn(readFileSync(root + path, "utf8"))));

  test("there are tests to look through", () => {
    expect(tests.length).toBeGreaterThan(100);
  });

  test.each(CLAUSES.filter((clause) => !(clause in NOT_YET)))("%s has a test that bears it", (clause) => {
    expect(
      carried,
      `write the test that fails when ${clause} is broken, and title it "${clause}: …"`,
    ).toContain(clause);
  });

  test.each(Object.entries(NOT_YET))("%s has none yet: %s", (clause) => {
    expect(carried, `${clause} has a test now: take it off the list`).not.toContain(clause);
  });

  test("a number counts in the title alone", () => {
    const titled = [
      'test("S13: an end", () => {});',
      "describe(`S1, H12: both`, () => {});",
      '["L6: a row"]',
    ];
    expect(numbersIn(titled.join("\n"))).toEqual(["S13", "S1", "H12", "L6"]);
    expect(numbersIn('// S14: a remark\n/** "S15" */ expect(text).toBe("the S16: rest");')).toEqual([]);
  });
});
