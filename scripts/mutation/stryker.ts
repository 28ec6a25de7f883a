import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
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
import { type Mutant, mutantsOf, type StrykerReport } from "./results.ts";

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

/** One file, when all of its mutants are known. */
interface Finished {
  readonly file: string;
  readonly source: string;
  readonly mutants: StrykerReport["files"][string]["mutants"];
}

/**
 * Tries every mutant of `sources` (paths below the core's `src`), and hands over the mutants of each file, and the
 * text that they were made from, as soon as that file is done: what is known of it outlasts a run that is cut off.
 * Rejects when the tests fail without any mutant, with what Stryker said on the terminal above.
 */
export async function runStryker(
  root: string,
  sources: readonly string[],
  options: { fresh: boolean; onFile: (file: string, text: string, mutants: Mutant[]) => void },
): Promise<void> {
  const own = join(root, "scripts/mutation");
  if (!existsSync(join(own, "node_modules/@stryker-mutator/core"))) install(own);
  // One for each run: two at a time must not take each other's copy away.
  const work = join(root, `reports/mutation/run-${process.pid}`);
  copyCore(root, work);
  const texts = textsOf(work, sources);
  const temporary = temporaryFolder();
  try {
    writeConfig(root, work, sources, options.fresh);
    await run(work, own, temporary, ({ file, source, mutants }) => {
      // Stryker repeats what an earlier run said of other files, of whatever text that was.
      if (!texts.delete(file)) return;
      const path = `src/${file}`;
      options.onFile(file, source, mutantsOf({ files: { [path]: { source, mutants } } }, path, file));
    });
    // What is left holds nothing but types, and Stryker has no word for it.
    for (const [file, text] of texts) options.onFile(file, text, []);
  } finally {
    for (const folder of [work, temporary]) rmSync(folder, { recursive: true, force: true });
  }
}

/** The text of each file, by its path below the core's `src`. */
export function textsOf(core: string, files: readonly string[]): Map<string, string> {
  return new Map(files.map((file) => [file, readFileSync(join(core, "src", file), "utf8")]));
}

function writeConfig(root: string, work: string, sources: readonly string[], fresh: boolean): void {
  const own = join(root, "scripts/mutation");
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
    incrementalFile: join(root, "reports/mutation/incremental.json"),
    force: fresh,
    ignorePatterns: ["stryker.json"],
    reporters: ["live", "progress-append-only"],
    allowConsoleColors: false,
    cleanTempDir: "always",
  };
  writeFileSync(join(work, "stryker.json"), JSON.stringify(config, null, 2));
}

/** Stryker as a child that tells of each finished file; it ends with this process. */
async function run(
  work: string,
  own: string,
  temporary: string,
  onFinished: (finished: Finished) => void,
): Promise<void> {
  const bin = join(own, "node_modules/@stryker-mutator/core/bin/stryker.js");
  const child = spawn(process.execPath, [bin, "run", "stryker.json"], {
    cwd: work,
    stdio: ["ignore", "inherit", "inherit", "ipc"],
    env: { ...process.env, TMPDIR: temporary },
  });
  child.on("message", (message) => onFinished(message as Finished));
  const stop = () => child.kill();
  process.once("SIGINT", stop).once("SIGTERM", stop);
  const [code, signal] = (await once(child, "exit")) as [number | null, string | null];
  process.off("SIGINT", stop).off("SIGTERM", stop);
  if (code !== 0) throw new Error(`Stryker ended with ${code ?? signal}; its reason is above.`);
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
