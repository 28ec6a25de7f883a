import { describeRun, runManyProcesses } from "ibkr-mcp/crash/many-processes";

/*
 * Many processes on one account, again and again: `node scripts/dist/many-processes.js [minutes] [processes]`.
 * Prints one line for each run, with the seed that repeats its calls; ends with 1 when anything was violated.
 */
const [, , minutes = "5", processes = "4"] = process.argv;
const until = Date.now() + Number(minutes) * 60_000;
let calls = 0;
let taken = 0;
let violations = 0;
for (let seed = 1; Date.now() < until; seed++) {
  const report = await runManyProcesses({ processes: Number(processes), calls: 600, seed });
  calls += report.calls;
  taken += report.taken;
  violations += report.violations.length;
  process.stdout.write(`seed ${seed}: ${describeRun(report)}\n`);
  for (const violation of report.violations) process.stdout.write(`  ${violation}\n`);
}
process.stdout.write(`in all: ${calls} calls, ${taken} orders taken, violations: ${violations}\n`);
process.exitCode = violations > 0 ? 1 : 0;
