import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { findJournals } from "./find-journals.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "find-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const named = (name: (account: string) => string, at?: string) => ({
  pathOf: (account: string | null) => join(at ?? folder, name(account ?? "unbound")),
});
const usual = named((account) => `ibkr-${account}-paper.jsonl`);
const put = (...names: string[]) => {
  for (const name of names) writeFileSync(join(folder, name), "");
};

test("journals come by account, whatever the order of the folder", () => {
  put("ibkr-DU3-paper.jsonl", "ibkr-DU1-paper.jsonl", "ibkr-DU10-paper.jsonl", "ibkr-DU2-paper.jsonl");
  expect(findJournals(usual).map(({ account }) => account)).toEqual(["DU1", "DU10", "DU2", "DU3"]);
  expect(findJournals(usual)[0]?.path).toBe(join(folder, "ibkr-DU1-paper.jsonl"));
});

test("an account whose id begins another one's comes first, although its file does not", () => {
  put("ibkr-A-B-paper.jsonl", "ibkr-A-paper.jsonl");
  expect(findJournals(usual).map(({ account }) => account)).toEqual(["A", "A-B"]);
});

test("what only looks like one is none: another venue, mode or ending, no account, and no account's id", () => {
  put(
    "ibkr-unbound-paper.jsonl",
    "ibkr-DU1-live.jsonl",
    "crypto-main-paper.jsonl",
    "ibkr-DU1-paper.jsonl.head",
    "x-ibkr-DU1-paper.jsonl",
    "ibkr--paper.jsonl",
    "ibkr-paper.jsonl",
    "ibkr-a b-paper.jsonl",
    "ibkr-a.b-paper.jsonl",
  );
  expect(findJournals(usual)).toEqual([]);
});

test("a name that holds the account in its folder as well is taken at its last place", () => {
  const at = join(folder, "0account0");
  mkdirSync(at);
  writeFileSync(join(at, "ibkr-DU1-paper.jsonl"), "");
  expect(findJournals(named((account) => `ibkr-${account}-paper.jsonl`, at))).toEqual([
    { path: join(at, "ibkr-DU1-paper.jsonl"), account: "DU1" },
  ]);
});

test("no folder has no journals; one that cannot be listed is an error", () => {
  expect(findJournals(named((account) => `${account}.jsonl`, join(folder, "none")))).toEqual([]);
  put("plain");
  expect(() => findJournals(named((account) => `${account}.jsonl`, join(folder, "plain")))).toThrow(
    /ENOTDIR/,
  );
});
