import { execFileSync, spawnSync } from "node:child_process";
import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import type { StrykerReport } from "./results.ts";

/*
 * Stryker on a copy of the core. The copy stands below the workspace, so that its tests find vitest and
 * fast-check where the workspace has them: two copies of vitest in one process do not know each other.
 */
const PNPM = "pnpm@12.21.0";

/** Files that only hold declarations or are tests have nothing to mutate. */
export function sourcesBelow(core: string, paths: readonly string[]): string[] {
  return paths
    .flatMap((path) => {
      const whole = join(core, "src", path);
      if (statSync(whole).isFile()) return [path];
      return readdirSync(whole, { recursive: true, encoding: "utf8" }).map((name) => join(path, name));
    })
    .filter((name) => name.endsWith(".ts") && !name.endsWith(".test.ts") && !name.endsWith(".d.ts"))
    .sort();
}

/**
 * Tries every mutant of `sources` (paths below the core's `src`) and returns Stryker's report. Throws when the
 * tests fail without any mutant, with what Stryker said on the terminal above.
 */
export function runStryker(
  root: string,
  sources: readonly string[],
  options: { fresh: boolean },
): StrykerReport {
  const own = join(root, "scripts/mutation");
  if (!existsSync(join(own, "node_modules/@stryker-mutator/core"))) install(own);
  // One for each run: two at a time must not take each other's copy away.
  const work = join(root, `reports/mutation/run-${process.pid}`);
  copyCore(root, work);
  try {
    return runIn(work, own, sources, {
      ...options,
      incremental: join(root, "reports/mutation/incremental.json"),
    });
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

function runIn(
  work: string,
  own: string,
  sources: readonly string[],
  options: { fresh: boolean; incremental: string },
): StrykerReport {
  const config = {
    mutate: sources.map((name) => `src/${name}`),
    testRunner: "vitest",
    plugins: [
      join(own, "node_modules/@stryker-mutator/vitest-runner/dist/src/index.js"),
      join(own, "live-reporter.mjs"),
    ],
    vitest: { configFile: "vitest.config.mjs", related: false },
    // TypeScript 7 has no API that Stryker could read a tsconfig with; without the file it does not try.
    tsconfigFile: "none.json",
    disableTypeChecks: false,
    coverageAnalysis: "perTest",
    concurrency: 2,
    // A busy machine must not be taken for a test that hangs; most endless loops are noticed by counting.
    timeoutMS: 20_000,
    timeoutFactor: 2,
    incremental: true,
    incrementalFile: options.incremental,
    force: options.fresh,
    ignorePatterns: ["report.json", "stryker.json"],
    reporters: ["json", "live", "progress-append-only"],
    jsonReporter: { fileName: "report.json" },
    allowConsoleColors: false,
    cleanTempDir: "always",
  };
  writeFileSync(join(work, "stryker.json"), JSON.stringify(config, null, 2));
  const bin = join(own, "node_modules/@stryker-mutator/core/bin/stryker.js");
  const temporary = temporaryFolder();
  const run = spawnSync(process.execPath, [bin, "run", "stryker.json"], {
    cwd: work,
    stdio: ["ignore", "inherit", "inherit"],
    env: { ...process.env, TMPDIR: temporary },
  });
  rmSync(temporary, { recursive: true, force: true });
  if (run.status !== 0)
    throw new Error(`Stryker ended with ${run.status ?? run.signal}; its reason is above.`);
  return JSON.parse(readFileSync(join(work, "report.json"), "utf8")) as StrykerReport;
}

function copyCore(root: string, work: string): void {
  const core = join(root, "packages/trading-core");
  rmSync(work, { recursive: true, force: true });
  mkdirSync(work, { recursive: true });
  cpSync(join(core, "src"), join(work, "src"), { recursive: true });
  cpSync(join(core, "package.json"), join(work, "package.json"));
  cpSync(join(root, "scripts/mutation/vitest.config.mjs"), join(work, "vitest.config.mjs"));
  symlinkSync(join(core, "node_modules"), join(work, "node_modules"));
}

function install(folder: string): void {
  const args = ["-y", PNPM, "install", "--ignore-workspace", "--ignore-scripts", "--frozen-lockfile"];
  execFileSync("npx", args, { cwd: folder, stdio: "inherit" });
}

/** The tests sync journals to disk thousands of times; memory spares the disk where the system offers it. */
function temporaryFolder(): string {
  const memory = "/dev/shm";
  const base = existsSync(memory) ? memory : join(process.env.TMPDIR ?? "/tmp");
  const folder = join(base, `mutation-${process.pid}`);
  mkdirSync(folder, { recursive: true });
  return folder;
}
