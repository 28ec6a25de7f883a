import { describeMatrix, runCrashMatrix } from "ibkr-mcp/crash/crash-matrix";

/*
 * Kills by the thousand: `node scripts/dist/crash-matrix.js [minutes] [accounts side by side]`. Prints one line
 * for each round, with the seed that repeats its calls; ends with 1 when anything was violated.
 */
const [, , minutes = "5", lanes = "2"] = process.argv;
const until = Date.now() + Number(minutes) * 60_000;
let kills = 0;
let violations = 0;
const stages = new Map<string, number>();
for (let seed = 1; Date.now() < until; seed++) {
  const report = await runCrashMatrix({
    perStage: 20,
    random: 100,
    lanes: Number(lanes),
    seed: seed * 104_729,
  });
  kills += report.kills;
  violations += report.violations.length;
  for (const [stage, cut] of Object.entries(report.stages)) stages.set(stage, (stages.get(stage) ?? 0) + cut);
  process.stdout.write(`seed ${seed}: ${describeMatrix(report)}\n`);
  for (const violation of report.violations) process.stdout.write(`  ${violation}\n`);
}
const cut = [...stages].map(([stage, count]) => `${stage} ${count}`).join(", ");
process.stdout.write(`in all: ${kills} kills (${cut}), violations: ${violations}\n`);
process.exitCode = violations > 0 ? 1 : 0;
