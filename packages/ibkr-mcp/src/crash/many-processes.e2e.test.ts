import { expect, test } from "vitest";
import { describeRun, runManyProcesses } from "./many-processes.ts";

test("H12: four processes on one account keep one cap, send nothing twice and sell nothing that is not held", async () => {
  const report = await runManyProcesses({ processes: 4, calls: 400, seed: 12 });
  process.stdout.write(`${describeRun(report)}\n`);
  expect(report.violations).toEqual([]);
  // The run met what it is about: the cap, duplicates and holdings that were gone all refused something.
  expect(report.taken).toBeGreaterThan(100);
  expect(report.codes.duplicate_order).toBeGreaterThan(10);
  expect(report.codes.daily_value_exceeded).toBeGreaterThan(2);
  expect((report.codes.oversell ?? 0) + (report.codes.crosses_flat ?? 0)).toBeGreaterThan(2);
  expect(report.codes).not.toHaveProperty("threw");
}, 180_000);
