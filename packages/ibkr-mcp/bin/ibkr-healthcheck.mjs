#!/usr/bin/env node
// Committed, so that `npx ibkr-healthcheck` finds it right after an install; the program itself is built.
import { existsSync } from "node:fs";

const built = new URL("../dist/bundle/ibkr-healthcheck.js", import.meta.url);
if (!existsSync(built)) {
  process.stderr.write("ibkr-healthcheck is not built yet. Run: npx -y pnpm@12.21.0 build\n");
  process.exit(2);
}
await import(built.href);
