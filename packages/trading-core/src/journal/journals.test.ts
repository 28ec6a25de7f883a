import { mkdtempSync, readdirSync, rmSync, statSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { MORNING } from "../testing/fixtures.ts";
import { manualClock } from "../testing/manual-clock.ts";
import { newClientOrderId, openJournals, stateFolderPrefix } from "./journals.ts";

let stateDir: string;
beforeEach(() => {
  stateDir = mkdtempSync(join(tmpdir(), "journals-"));
});
afterEach(() => rmSync(stateDir, { recursive: true, force: true }));

const options = (path: string | null = null, mode = "paper") => ({
  stateDir,
  path,
  venue: "ibkr",
  mode,
  clock: manualClock(MORNING),
});

test("M3, L44: every venue, account and mode has a journal of its own", () => {
  const paper = openJournals(options());
  expect(paper.pathOf("DU1")).toBe(join(stateDir, "journals", "ibkr-DU1-paper.jsonl"));
  const paths = [
    paper.pathOf("DU1"),
    paper.pathOf("DU2"),
    paper.pathOf(null),
    openJournals(options(null, "live")).pathOf("DU1"),
  ];
  expect(new Set(paths).size).toBe(4);
});

test("one account's journal is opened once", () => {
  const journals = openJournals(options());
  expect(journals.of("DU1")).toBe(journals.of("DU1"));
  journals.close();
});

test("a hostile account id stays in the folder", () => {
  const path = openJournals(options()).pathOf("../../etc/passwd");
  expect(dirname(path)).toBe(join(stateDir, "journals"));
});

test("journals that were moved elsewhere keep one file for each account", () => {
  const journals = openJournals(options(join(stateDir, "elsewhere", "mine.jsonl")));
  expect(journals.pathOf("DU1")).toBe(join(stateDir, "elsewhere", "mine.DU1-paper.jsonl"));
});

test("a journal that cannot be opened is said to be unavailable, with its path", () => {
  writeFileSync(join(stateDir, "journals"), "a file where the folder should be");
  expect(() => openJournals(options()).of("DU1")).toThrow(/journals.*cannot be written/);
});

test("a state folder's prefix is made once, whole, and stays", () => {
  const prefix = stateFolderPrefix(join(stateDir, "new"));
  expect(prefix).toMatch(/^[a-z0-9]{4}$/);
  expect(stateFolderPrefix(join(stateDir, "new"))).toBe(prefix);
  expect(readdirSync(join(stateDir, "new"))).toEqual(["id"]);
});

test("a prefix that is there is only read: a full disk at the start keeps no exit from going out", () => {
  stateFolderPrefix(stateDir);
  utimesSync(stateDir, 1, 1);
  stateFolderPrefix(stateDir);
  expect(statSync(stateDir).mtimeMs).toBe(1_000);
});

test("a damaged prefix is not replaced in silence", () => {
  writeFileSync(join(stateDir, "id"), "");
  expect(() => stateFolderPrefix(stateDir)).toThrow("four letters or digits");
});

test("client order ids are the prefix and fourteen more, and do not repeat", () => {
  const made = Array.from({ length: 200 }, () => newClientOrderId("ab12"));
  for (const id of made) expect(id).toMatch(/^ab12[a-z0-9]{14}$/);
  expect(new Set(made).size).toBe(200);
});
