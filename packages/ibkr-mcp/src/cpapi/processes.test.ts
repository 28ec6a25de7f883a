import { spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { build } from "esbuild";
import { afterAll, beforeAll, expect, test } from "vitest";

/* The limiter and the line between processes that share nothing but a folder. */

let folder: string;
let bundle: string;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "processes-"));
  bundle = join(folder, "worker.mjs");
  const require = createRequire(import.meta.resolve("trading-core/journal/file-lock"));
  const native = require.resolve("fs-native-extensions");
  const here = import.meta.dirname;
  const { outputFiles } = await build({
    stdin: {
      resolveDir: here,
      loader: "ts",
      contents: `
        import { systemClock as clock } from "trading-core/ports/clock";
        import { createLine } from "./line.ts";
        import { createPacing } from "./pacing.ts";
        const [, , folder, milliseconds] = process.argv;
        const options = { folder, clock, warn: () => {} };
        const line = createLine(options);
        const pacing = createPacing(options);
        const until = Date.now() + Number(milliseconds);
        const spans = [];
        async function read() {
          const place = await line.enter(() => pacing.take("GET /iserver/accounts"));
          const start = Date.now();
          await clock.sleep(5);
          spans.push({ kind: "read", start, end: Date.now() });
          place.release();
        }
        async function talk() {
          const held = await line.converse(true);
          const start = Date.now();
          await clock.sleep(30);
          spans.push({ kind: "talk", start, end: Date.now() });
          held.release();
        }
        while (Date.now() < until) {
          await Promise.all([read(), read()]);
          await talk();
        }
        console.log(JSON.stringify(spans));`,
    },
    bundle: true,
    write: false,
    platform: "node",
    format: "esm",
    conditions: ["source"],
    plugins: [
      {
        name: "native",
        setup: (plugin) =>
          plugin.onResolve({ filter: /^fs-native-extensions$/ }, () => ({ path: native, external: true })),
      },
    ],
  });
  writeFileSync(bundle, outputFiles[0]?.text ?? "");
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

interface Span {
  kind: "read" | "talk";
  start: number;
  end: number;
}

function worker(): Promise<Span[]> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [bundle, join(folder, "gateway"), "2500"], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    let text = "";
    child.stdout.on("data", (chunk) => {
      text += chunk;
    });
    child.once("exit", (code) =>
      code === 0 ? resolve(JSON.parse(text)) : reject(new Error(`exit ${code}`)),
    );
  });
}

test("H16, S12: two processes together keep to eight requests a second, and to one conversation at a time", async () => {
  const spans = (await Promise.all([worker(), worker()])).flat();
  const reads = spans.filter(({ kind }) => kind === "read").map(({ start }) => start);
  const talks = spans.filter(({ kind }) => kind === "talk");
  expect(reads.length).toBeGreaterThan(12);
  for (const start of reads) {
    // A start is noted a moment after it was granted.
    expect(reads.filter((at) => at >= start && at < start + 950).length).toBeLessThanOrEqual(8);
  }
  for (const talk of talks) {
    const others = spans.filter((span) => span !== talk);
    expect(others.filter(({ start, end }) => start < talk.end && end > talk.start)).toEqual([]);
  }
  expect(talks.length).toBeGreaterThan(4);
});
