import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { intentOf } from "../testing/ledger-of.ts";
import { openReserve, type Reserve, type ReservedExit } from "./reserve.ts";

const SLOT = 4 * 1024;
const SLOTS = 16;

let folder: string;
let path: string;
const opened: Reserve[] = [];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "reserve-"));
  path = join(folder, "account.jsonl");
});
afterEach(() => {
  for (const reserve of opened.splice(0)) reserve.close();
  rmSync(folder, { recursive: true, force: true });
});

const writer = { pid: 1, started: 1, boot: "b" };
const exit = (id: string, more = {}): ReservedExit => ({
  intent: intentOf(id, { side: "SELL" }, more),
  writer,
});
function open(): Reserve {
  const reserve = openReserve(path);
  if (reserve === null) throw new Error("no reserve");
  opened.push(reserve);
  return reserve;
}
const put = (reserve: Reserve, one: ReservedExit) => reserve.alone((write) => write(one))?.value;
const ids = (reserve: Reserve) => reserve.pending().map(({ intent }) => intent.clientOrderId);

describe("S23: an exit that the journal did not take", () => {
  test("waits in the reserve for whoever opens it next, and is moved once, in its order", () => {
    const reserve = open();
    for (const id of ["a", "b"]) expect(put(reserve, exit(id))).toBe(true);
    const next = open();
    expect(next.pending()).toEqual([exit("a"), exit("b")]);
    const moved: string[] = [];
    next.empty(({ intent }) => moved.push(intent.clientOrderId));
    expect(moved).toEqual(["a", "b"]);
    expect(ids(reserve)).toEqual([]);
    next.empty(({ intent }) => moved.push(intent.clientOrderId));
    expect(moved).toEqual(["a", "b"]);
  });

  test("has room for sixteen, and what has no room is told, not lost", () => {
    const reserve = open();
    for (let at = 0; at < SLOTS; at++) expect(put(reserve, exit(`x${at}`))).toBe(true);
    expect(put(reserve, exit("one-more"))).toBe(false);
    expect(ids(reserve)).toHaveLength(SLOTS);
    reserve.empty(() => {});
    expect(put(reserve, exit("one-more"))).toBe(true);
  });

  test("that is longer than its room is not cut to fit", () => {
    const reserve = open();
    const bare = Buffer.byteLength(JSON.stringify(exit("a", { idempotencyKey: "" })));
    const long = (bytes: number) => exit("a", { idempotencyKey: "x".repeat(bytes - bare) });
    expect(put(reserve, long(SLOT))).toBe(false);
    expect(ids(reserve)).toEqual([]);
    // One byte is the end that a reader looks for.
    expect(put(reserve, long(SLOT - 1))).toBe(true);
    expect(reserve.pending()).toEqual([long(SLOT - 1)]);
  });

  test("leaves no rest of a longer one that stood there before", () => {
    const reserve = open();
    put(reserve, exit("long", { idempotencyKey: "x".repeat(64) }));
    reserve.empty(() => {});
    put(reserve, exit("a"));
    expect(reserve.pending()).toEqual([exit("a")]);
  });

  test("stays where the journal still does not take it", () => {
    const reserve = open();
    put(reserve, exit("a"));
    const full = () => {
      throw new Error("disk full");
    };
    expect(() => reserve.empty(full)).toThrow("disk full");
    expect(ids(reserve)).toEqual(["a"]);
    // Nobody is kept out by the failure.
    expect(put(reserve, exit("b"))).toBe(true);
  });
});

test("S23: two never decide on the reserve at once", () => {
  const [one, other] = [open(), open()];
  put(one, exit("a"));
  const inside = one.alone(() => {
    other.empty(() => {
      throw new Error("moved by the other");
    });
    return other.alone(() => "in");
  });
  expect(inside).toEqual({ value: null });
  expect(other.alone(() => "in")).toEqual({ value: "in" });
});

test.each([
  ["half of an exit", JSON.stringify(exit("a")).slice(0, 40)],
  ["no exit", "null"],
  ["an exit without an order", '{"intent":{},"writer":{}}'],
  ["an exit without a writer", '{"intent":{"clientOrderId":"a"}}'],
  ["rubbish up to the end", "x".repeat(SLOT)],
])("%s in a slot is nothing that waits, and its room is used", (_, text) => {
  open();
  const bytes = readFileSync(`${path}.reserve`);
  bytes.write(text);
  writeFileSync(`${path}.reserve`, bytes);
  const reserve = open();
  expect(reserve.pending()).toEqual([]);
  expect(put(reserve, exit("a"))).toBe(true);
  expect(readFileSync(`${path}.reserve`, "utf8")).toContain('"clientOrderId":"a"');
  expect(ids(reserve)).toEqual(["a"]);
});

test("its room is on the disk before it is needed, and what waits there outlasts a shorter file", () => {
  put(open(), exit("a"));
  expect(readFileSync(`${path}.reserve`)).toHaveLength(SLOT * SLOTS);
  writeFileSync(`${path}.reserve`, readFileSync(`${path}.reserve`).subarray(0, SLOT + 7));
  expect(ids(open())).toEqual(["a"]);
  expect(readFileSync(`${path}.reserve`)).toHaveLength(SLOT * SLOTS);
});

test("where it cannot be made there is none", () => {
  mkdirSync(`${path}.reserve`);
  expect(openReserve(path)).toBeNull();
  expect(openReserve(join(folder, "no", "folder.jsonl"))).toBeNull();
});
