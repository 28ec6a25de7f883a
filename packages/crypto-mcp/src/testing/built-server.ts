import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { StdioClientTransport } from "@modelcontextprotocol/sdk/client/stdio.js";

/** The launcher of the built server, as `npx crypto-mcp` runs it. */
export const SERVER = fileURLToPath(new URL("../../bin/crypto-mcp.mjs", import.meta.url));

export interface ToolAnswer {
  ok: boolean;
  // biome-ignore lint/suspicious/noExplicitAny: a test reads what it expects, and fails where it is not there
  data: any;
  // biome-ignore lint/suspicious/noExplicitAny: as above
  error: any;
}

export interface BuiltServer {
  tools(): Promise<string[]>;
  call(name: string, args?: Record<string, unknown>): Promise<ToolAnswer>;
  stderr(): string;
  close(): Promise<void>;
}

/** Starts the built server with the SDK's own client over stdio. Its environment is `env` and nothing else of ours. */
export async function startBuiltServer(options: {
  args?: string[];
  env: Record<string, string>;
}): Promise<BuiltServer> {
  const transport = new StdioClientTransport({
    command: process.execPath,
    args: [SERVER, ...(options.args ?? [])],
    env: bareEnvironment(options.env),
    stderr: "pipe",
  });
  let stderr = "";
  transport.stderr?.on("data", (chunk) => {
    stderr += String(chunk);
  });
  const client = new Client({ name: "test", version: "1" });
  await client.connect(transport);
  return {
    async tools() {
      const { tools } = await client.listTools();
      return tools.map((tool) => tool.name);
    },
    async call(name, args = {}) {
      const result = await client.callTool({ name, arguments: args }, undefined, { timeout: 90_000 });
      return result.structuredContent as unknown as ToolAnswer;
    },
    stderr: () => stderr,
    close: () => client.close(),
  };
}

export function bareEnvironment(env: Record<string, string>): Record<string, string> {
  return { PATH: process.env.PATH ?? "", HOME: process.env.HOME ?? "", LOG_LEVEL: "warn", ...env };
}

/** A folder that goes with the test. */
export function temporaryFolder(): { path: string; remove(): void } {
  const path = mkdtempSync(join(tmpdir(), "crypto-mcp-"));
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) };
}
