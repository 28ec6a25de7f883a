import { expect, test } from "vitest";
import { describeMatrix, runCrashMatrix } from "./crash-matrix.ts";
import { STAGES } from "./crash-world.ts";

test("L54: 200 kills at every stage of an order lose nothing, double nothing, and never stop the next decision", async () => {
  const report = await runCrashMatrix({ perStage: 20, random: 140, lanes: 2, seed: 54 });
  process.stdout.write(`${describeMatrix(report)}\n`);
  expect(report.violations).toEqual([]);
  expect(report.kills).toBeGreaterThanOrEqual(200);
  for (const stage of STAGES) expect(report.stages[stage], stage).toBeGreaterThanOrEqual(20);
}, 300_000);
