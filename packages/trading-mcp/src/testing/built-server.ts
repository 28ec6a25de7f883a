import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { StdioClientTransport } from "@modelcontextprotocol/sdk/client/stdio.js";

export interface ToolAnswer {
  ok: boolean;
  // biome-ignore lint/suspicious/noExplicitAny: a test reads what it expects, and fails where it is not there
  data: any;
  // biome-ignore lint/suspicious/noExplicitAny: as above
  error: any;
  isError: boolean;
}

/** A tool as a client is told of it. */
export type ListedTool = Awaited<ReturnType<Client["listTools"]>>["tools"][number];

export interface BuiltServer {
  tools(): Promise<string[]>;
  listed(): Promise<ListedTool[]>;
  pid(): number;
  call(name: string, args?: Record<string, unknown>): Promise<ToolAnswer>;
  stderr(): string;
  close(): Promise<void>;
}

/** Starts the built server with the SDK's own client over stdio. Its environment is `env` and nothing else of ours. */
export async function startBuilt(options: {
  /** Its launcher. */
  server: string;
  args?: string[];
  env: Record<string, string>;
  cwd?: string;
}): Promise<BuiltServer> {
  const transport = new StdioClientTransport({
    command: process.execPath,
    args: [options.server, ...(options.args ?? [])],
    env: bareEnvironment(options.env),
    stderr: "pipe",
    ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
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
    async listed() {
      const { tools } = await client.listTools();
      return tools;
    },
    pid: () => transport.pid ?? 0,
    async call(name, args = {}) {
      const result = await client.callTool({ name, arguments: args }, undefined, { timeout: 90_000 });
      const [content] = result.content as { text: string }[];
      // What the model reads and what programs read must be the same.
      const told = JSON.parse(content?.text ?? "null");
      if (JSON.stringify(result.structuredContent) !== JSON.stringify(told)) {
        throw new Error(`text and structured content differ: ${content?.text}`);
      }
      return { ...told, isError: result.isError === true };
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
  const path = mkdtempSync(join(tmpdir(), "trading-mcp-"));
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) };
}
