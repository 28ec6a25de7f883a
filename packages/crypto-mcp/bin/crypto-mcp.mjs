#!/usr/bin/env node
// Committed, so that `npx crypto-mcp` finds it right after an install; the server itself is built.
import { existsSync } from "node:fs";

const built = new URL("../dist/bundle/crypto-mcp.js", import.meta.url);
if (!existsSync(built)) {
  process.stderr.write("crypto-mcp is not built yet. Run: npx -y pnpm@12.21.0 build\n");
  process.exit(1);
}
await import(built.href);
