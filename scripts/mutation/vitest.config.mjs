import { readdirSync, readFileSync } from "node:fs";
import { basename, dirname } from "node:path";
import { BaseSequencer } from "vitest/node";

/*
 * The core's tests for mutants. Files share one module graph, which is loaded once for each mutant and not once
 * for each file; those that replace a module get a graph of their own. What is quick comes first and what takes
 * long comes last: a mutant is done with its first failing test, and one in code that runs while a module loads
 * would otherwise meet all tests of the core before its own. The test of a journal's scale measures time and
 * says nothing of a mutant; the calendar's own tests reach neither guard nor journal.
 */
const LONG = ["idempotency", "newer-news", "exit-past-journal", "dead-writer", "properties", "checkpoint"];

/** Which file each mutant is in; no file for any while the tests run unchanged. */
const fileOf = new Map();
for (const name of readdirSync("src", { recursive: true, encoding: "utf8" })) {
  if (!name.endsWith(".ts")) continue;
  for (const [, id] of readFileSync(`src/${name}`, "utf8").matchAll(/stryMutAct_\w+\("(\d+)"\)/g)) {
    fileOf.set(id, name);
  }
}

/** A file's own tests stand beside it under its name: most of its mutants end with the first of them. */
function nearness(path, source) {
  if (source === undefined || !dirname(path).endsWith(`src/${dirname(source)}`)) return 0;
  const [test, name] = [basename(path, ".test.ts"), basename(source, ".ts")];
  return test === name || test.startsWith(`${name}-`) ? 10 : 0.5;
}

/**
 * A file's own tests, then pure ones, then those that touch a disk, then those of a whole guard, then what takes
 * long; of each kind those of the same folder first.
 */
function cost(path, source) {
  return effort(path) - nearness(path, source);
}

function effort(path) {
  if (LONG.includes(basename(path, ".test.ts"))) return 3;
  const text = readFileSync(path, "utf8");
  if (/\bbench\(/.test(text)) return 2;
  return /mkdtempSync|spawn/.test(text) ? 1 : 0;
}

class QuickFirst extends BaseSequencer {
  async sort(files) {
    const mutant = this.ctx.getRootProject().getProvidedContext().activeMutant;
    const ranked = files.map((file) => ({ file, cost: cost(file.moduleId, fileOf.get(mutant)) }));
    ranked.sort((a, b) => a.cost - b.cost || (a.file.moduleId < b.file.moduleId ? -1 : 1));
    return ranked.map(({ file }) => file);
  }
}

/**
 * A test file that cannot be loaded has no test that fails, and Stryker would take its mutant for one that lives.
 * Told as an error of the run, the mutant is one that says nothing about the tests.
 */
const loadFailures = {
  onInit(vitest) {
    this.vitest = vitest;
  },
  onTestModuleEnd(module) {
    if (module.children.size > 0) return;
    for (const error of module.errors()) this.vitest.state.catchError(error, "Unhandled Error");
  },
};

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
    reporters: [loadFailures],
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
