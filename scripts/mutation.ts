import { execFileSync } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { setPriority } from "node:os";
import { join } from "node:path";
import { page, table } from "./mutation/page.ts";
import {
  type AcceptedSurvivor,
  asEntry,
  asLines,
  compare,
  count,
  type FileResult,
  figuresOf,
  fromLines,
  hashOf,
  judge,
} from "./mutation/results.ts";
import { runStryker, sourcesBelow, textsOf } from "./mutation/stryker.ts";

/*
 * Mutation testing of the core: `node scripts/dist/mutation.js [--fresh | --report] [paths below its src]`, by
 * default guard and journal. Figures are kept by file in scripts/mutation/measured.jsonl, and docs/mutation.md is
 * written from all of them. Measured is what the kept figures do not cover: see docs/mutation.md. Ends with 1
 * when less than 90 % of what was asked for is caught, when a part of it has no figures, or when a mutant lives
 * that scripts/mutation/survivors.json has no reason for. `--report` measures nothing and judges what is kept.
 */
const REQUIRED_SCORE = 90;
const root = new URL("../../", import.meta.url).pathname;
const kept = join(root, "scripts/mutation/measured.jsonl");

const paths = process.argv.slice(2).filter((argument) => !argument.startsWith("--"));
const core = join(root, "packages/trading-core");
const everything = sourcesBelow(core, ["guard", "journal"]);
const sources = paths.length > 0 ? sourcesBelow(core, paths) : everything;
const accepted = JSON.parse(
  readFileSync(join(root, "scripts/mutation/survivors.json"), "utf8"),
) as AcceptedSurvivor[];

if (!process.argv.includes("--report")) {
  setPriority(10);
  const fresh = process.argv.includes("--fresh");
  const wanted = fresh ? sources : notCovered();
  if (wanted.length > 0) await measure(wanted, { fresh });
}

const { current, changed, unmeasured } = judged();
const asked = current.filter(({ file }) => sources.includes(file));
const { score } = count(asked);
const { unlisted, stale } = compare(asked, accepted);
process.stdout.write(`${table(asked)}\n`);
for (const mutant of unlisted) {
  process.stdout.write(`${mutant.status} at line ${mutant.line}: ${JSON.stringify(asEntry(mutant))}\n`);
}
for (const entry of stale) process.stdout.write(`listed and no longer alive: ${JSON.stringify(entry)}\n`);
writeFileSync(join(root, "docs/mutation.md"), page(current, accepted, { changed, unmeasured }));
const without = sources.length - asked.length;
process.stdout.write(
  `${score.toFixed(1)} % caught, ${unlisted.length} survivors without a reason, ${without} files without figures\n`,
);
process.exitCode = score < REQUIRED_SCORE || unlisted.length > 0 || without > 0 ? 1 : 0;

function judged() {
  return judge(readKept(), textsOf(core, everything));
}

/** A test that was written since may kill what had no reason to live, so those files are tried again. */
function notCovered(): string[] {
  const covered = judged().current.filter((result) => compare([result], accepted).unlisted.length === 0);
  const names = new Set(covered.map(({ file }) => file));
  return sources.filter((file) => !names.has(file));
}

async function measure(files: readonly string[], options: { fresh: boolean }): Promise<void> {
  const place = { date: new Date().toISOString().slice(0, 10), commit: currentCommit() };
  await runStryker(root, files, {
    ...options,
    onFile: (file, text, mutants) => keep({ file, source: hashOf(text), ...place, ...figuresOf(mutants) }),
  });
}

/** Reads what is kept again each time: another run may have added its own. Files that are gone leave with this. */
function keep(result: FileResult): void {
  const others = readKept().filter(({ file }) => everything.includes(file) && file !== result.file);
  writeFileSync(kept, asLines([...others, result]));
}

function readKept(): FileResult[] {
  return existsSync(kept) ? fromLines(readFileSync(kept, "utf8")) : [];
}

/** The commit whose sources were copied; a `+` says that the core was changed since. */
function currentCommit(): string {
  const git = (...args: string[]) => execFileSync("git", args, { cwd: root, encoding: "utf8" }).trim();
  const changedFiles = git("status", "--porcelain", "--", "packages/trading-core/src") !== "";
  return git("rev-parse", "--short", "HEAD") + (changedFiles ? "+" : "");
}
