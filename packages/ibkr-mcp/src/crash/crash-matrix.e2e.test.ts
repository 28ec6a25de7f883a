import { expect, test } from "vitest";
import { describeMatrix, runCrashMatrix } from "./crash-matrix.ts";
import { STAGES } from "./crash-world.ts";
import { CALL_KINDS } from "./worker-call.ts";

test("L54, S29: 200 kills at every stage of an order or a close lose nothing, double nothing, and never stop the next decision", async () => {
  const report = await runCrashMatrix({ perStage: 20, random: 95, lanes: 3, seed: 54 });
  process.stdout.write(`${describeMatrix(report)}\n`);
  expect(report.violations).toEqual([]);
  expect(report.kills).toBeGreaterThanOrEqual(200);
  for (const kind of CALL_KINDS) expect(report.kinds[kind], kind).toBeGreaterThanOrEqual(10);
  for (const stage of STAGES) expect(report.stages[stage], stage).toBeGreaterThanOrEqual(20);
}, 300_000);
