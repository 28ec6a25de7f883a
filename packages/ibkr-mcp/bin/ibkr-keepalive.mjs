#!/usr/bin/env node
// Committed, so that `npx ibkr-keepalive` finds it right after an install; the program itself is built.
import { existsSync } from "node:fs";

const built = new URL("../dist/bundle/ibkr-keepalive.js", import.meta.url);
if (!existsSync(built)) {
  process.stderr.write("ibkr-keepalive is not built yet. Run: npx -y pnpm@12.21.0 build\n");
  process.exit(2);
}
await import(built.href);
