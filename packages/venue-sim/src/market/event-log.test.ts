import { appendFileSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { Big } from "./decimal.ts";
import { openEventLog } from "./event-log.ts";

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "venue-sim-log-"));
});

afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

test("events come back with their decimals, and a torn last line is cut off", () => {
  const path = join(folder, "events.jsonl");
  const first = openEventLog(path);
  first.log.write({ kind: "adjusted", at: 1, account: "DU1", cash: new Big("0.1") });
  first.log.flush();
  first.log.close();
  appendFileSync(path, '{"kind":"adju');

  const second = openEventLog(path);
  expect(second.events).toEqual([{ kind: "adjusted", at: 1, account: "DU1", cash: new Big("0.1") }]);
  second.log.write({ kind: "ids", upTo: 7 });
  second.log.flush();
  second.log.close();
  expect(readFileSync(path, "utf8").split("\n")).toEqual([
    '{"kind":"adjusted","at":1,"account":"DU1","cash":"0.1"}',
    '{"kind":"ids","upTo":7}',
    "",
  ]);
});
