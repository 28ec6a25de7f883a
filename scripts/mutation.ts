import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { setPriority } from "node:os";
import { join } from "node:path";
import { page, table } from "./mutation/page.ts";
import {
  type AcceptedSurvivor,
  asEntry,
  compare,
  count,
  type FileResult,
  mutantsOf,
} from "./mutation/results.ts";
import { runStryker, sourcesBelow } from "./mutation/stryker.ts";

/*
 * Mutation testing of the core: `node scripts/dist/mutation.js [--fresh | --report] [paths below its src]`, by
 * default guard and journal. Results are merged by file into reports/mutation/results.json, and docs/mutation.md
 * is written from all of them. Ends with 1 when less than 90 % of what was asked for is caught, when a part of
 * it was never measured, or when a mutant lives that scripts/mutation/survivors.json has no reason for.
 * `--report` runs nothing and judges what is stored.
 */
const REQUIRED_SCORE = 90;
const root = new URL("../../", import.meta.url).pathname;
const stored = join(root, "reports/mutation/results.json");

const paths = process.argv.slice(2).filter((argument) => !argument.startsWith("--"));
const core = join(root, "packages/trading-core");
const everything = sourcesBelow(core, ["guard", "journal"]);
const sources = paths.length > 0 ? sourcesBelow(core, paths) : everything;
const accepted = JSON.parse(
  readFileSync(join(root, "scripts/mutation/survivors.json"), "utf8"),
) as AcceptedSurvivor[];

if (!process.argv.includes("--report")) {
  setPriority(10);
  const report = runStryker(root, sources, { fresh: process.argv.includes("--fresh") });
  const place = { date: new Date().toISOString().slice(0, 10), commit: currentCommit() };
  keep(sources.map((file) => ({ file, ...place, mutants: mutantsOf(report, `src/${file}`, file) })));
}

const results = readStored();
const asked = results.filter(({ file }) => sources.includes(file));
const measured = new Set(results.map(({ file }) => file));
const unmeasured = everything.filter((file) => !measured.has(file));
const { score } = count(asked.flatMap(({ mutants }) => mutants));
const { unlisted, stale } = compare(asked, accepted);
process.stdout.write(`${table(asked)}\n`);
for (const mutant of unlisted) {
  process.stdout.write(`${mutant.status} at line ${mutant.line}: ${JSON.stringify(asEntry(mutant))}\n`);
}
for (const entry of stale) process.stdout.write(`listed and no longer alive: ${JSON.stringify(entry)}\n`);
writeFileSync(join(root, "docs/mutation.md"), page(results, accepted, unmeasured));
const missing = sources.filter((file) => unmeasured.includes(file)).length;
process.stdout.write(
  `${score.toFixed(1)} % caught, ${unlisted.length} survivors without a reason, ${missing} files not measured\n`,
);
process.exitCode = score < REQUIRED_SCORE || unlisted.length > 0 || missing > 0 ? 1 : 0;

/** Files that are gone from the sources leave the results with the next run of their folder. */
function keep(fresh: readonly FileResult[]): void {
  const names = new Set(fresh.map(({ file }) => file));
  const existing = new Set(everything);
  const others = readStored().filter(({ file }) => !names.has(file) && existing.has(file));
  const merged = [...others, ...fresh].sort((a, b) => (a.file < b.file ? -1 : 1));
  mkdirSync(join(root, "reports/mutation"), { recursive: true });
  writeFileSync(stored, JSON.stringify(merged));
}

function readStored(): FileResult[] {
  return existsSync(stored) ? (JSON.parse(readFileSync(stored, "utf8")) as FileResult[]) : [];
}

/** The commit whose sources were copied; a `+` says that the core was changed since. */
function currentCommit(): string {
  const git = (...args: string[]) => execFileSync("git", args, { cwd: root, encoding: "utf8" }).trim();
  const changed = git("status", "--porcelain", "--", "packages/trading-core/src") !== "";
  return git("rev-parse", "--short", "HEAD") + (changed ? "+" : "");
}
