import { existsSync, readFileSync, renameSync, rmSync } from "node:fs";
import { build } from "esbuild";

/**
 * Bundles each server into `packages/<server>/dist/bundle/`: a start from one bundle takes two thirds of
 * the time that it takes from node_modules, and the published package needs one dependency, the kernel
 * locks, whose native part cannot be bundled. What is loaded on first need stays a chunk of its own.
 */
const SERVERS: Record<string, string[]> = {
  "ibkr-mcp": ["ibkr-mcp", "ibkr-healthcheck", "ibkr-keepalive", "ibkr-sim"],
  "crypto-mcp": ["crypto-mcp", "crypto-healthcheck", "crypto-sim"],
};

for (const [name, bins] of Object.entries(SERVERS)) {
  const root = new URL(`../../packages/${name}/`, import.meta.url).pathname;
  const { version } = JSON.parse(readFileSync(`${root}package.json`, "utf8")) as { version: string };
  // Built aside and put in place whole: whoever starts a server meanwhile gets the old one or the new one.
  const [fresh, place, old] = [`bundle-new-${process.pid}`, "bundle", `bundle-old-${process.pid}`].map(
    (folder) => `${root}dist/${folder}`,
  ) as [string, string, string];
  await build({
    entryPoints: bins.map((bin) => `${root}src/bin/${bin}.ts`),
    outdir: fresh,
    bundle: true,
    splitting: true,
    format: "esm",
    platform: "node",
    target: "node20",
    conditions: ["source"],
    // CCXT is a hundred exchanges, of which one file is loaded, by its place in the package.
    external: ["fs-native-extensions", "ccxt"],
    legalComments: "linked",
    sourcemap: true,
    define: { "process.env.SERVER_VERSION": JSON.stringify(version) },
    // CommonJS dependencies inside an ES module still call require for Node's own modules.
    banner: {
      js: 'import { createRequire as bundleRequire } from "node:module"; const require = bundleRequire(import.meta.url);',
    },
    logLevel: "warning",
  });
  if (existsSync(place)) renameSync(place, old);
  renameSync(fresh, place);
  rmSync(old, { recursive: true, force: true });
}
