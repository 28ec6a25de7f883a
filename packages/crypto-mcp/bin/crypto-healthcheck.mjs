#!/usr/bin/env node
// Committed, so that `npx crypto-healthcheck` finds it right after an install; the program itself is built.
import { existsSync } from "node:fs";

const built = new URL("../dist/bundle/crypto-healthcheck.js", import.meta.url);
if (!existsSync(built)) {
  process.stderr.write("crypto-healthcheck is not built yet. Run: npx -y pnpm@12.21.0 build\n");
  process.exit(2);
}
await import(built.href);
