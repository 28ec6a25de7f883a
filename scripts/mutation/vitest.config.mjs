import { readdirSync, readFileSync } from "node:fs";
import { basename } from "node:path";
import { BaseSequencer } from "vitest/node";

/*
 * The core's tests for mutants. Files share one module graph, which is loaded once for each mutant and not once
 * for each file; those that replace a module get a graph of their own. What is quick comes first and what takes
 * long comes last: a mutant is done with its first failing test. The test of a journal's scale measures time and says nothing of a mutant;
 * the calendar's own tests reach neither guard nor journal.
 */
const QUICK = [
  "verdicts",
  "duplicate",
  "rules",
  "worst-case",
  "holdings",
  "sync",
  "ledger",
  "other-writers",
  "trading-state",
  "journal",
];
const LONG = ["idempotency", "newer-news", "exit-past-journal", "dead-writer", "properties", "checkpoint"];

class QuickFirst extends BaseSequencer {
  async sort(files) {
    const rank = ({ moduleId }) => {
      const name = basename(moduleId, ".test.ts");
      return QUICK.includes(name) ? QUICK.indexOf(name) - QUICK.length : LONG.indexOf(name) + 1;
    };
    return [...files].sort((a, b) => rank(a) - rank(b) || (a.moduleId < b.moduleId ? -1 : 1));
  }
}

const tests = ["guard", "journal", "domain"]
  .flatMap((folder) =>
    readdirSync(`src/${folder}`, { recursive: true, encoding: "utf8" }).map(
      (name) => `src/${folder}/${name}`,
    ),
  )
  .filter((path) => path.endsWith(".test.ts") && !path.endsWith("/scale.test.ts"));
const alone = tests.filter((path) => /vi\.(mock|spyOn|stub)/.test(readFileSync(path, "utf8")));

function project(name, include, isolate) {
  return {
    resolve: { conditions: ["source", "node", "import", "default"] },
    test: { name, include, isolate, testTimeout: 20_000 },
  };
}

export default {
  test: {
    fileParallelism: false,
    sequence: { sequencer: QuickFirst },
    projects: [
      project(
        "shared",
        tests.filter((path) => !alone.includes(path)),
        false,
      ),
      project("alone", alone, true),
    ],
  },
};
