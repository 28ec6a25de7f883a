import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { fileURLToPath } from "node:url";

export const TEST_SERVER = fileURLToPath(new URL("../../dist/testing/test-server.js", import.meta.url));

export interface Reply {
  id?: unknown;
  result?: { structuredContent?: unknown; isError?: boolean; [field: string]: unknown };
  error?: { code: number; message: string };
}

/** A server as a process, spoken to in raw lines: the tests that a client library would be too polite for. */
export interface Child {
  process: ChildProcessWithoutNullStreams;
  /** Everything on stdout, by line. */
  stdout: string[];
  stderr(): string;
  send(message: object): void;
  /** The reply with this id, as soon as it comes. */
  reply(id: unknown): Promise<Reply>;
  /** Resolves when stderr holds this text. */
  said(text: string): Promise<void>;
  /** How the process ended, and how long that took from this call on. */
  ended(): Promise<{ code: number | null; signal: string | null; ms: number }>;
}

export interface ChildOptions {
  env?: Record<string, string>;
  /** Streams that nobody reads: what is written there piles up. */
  unread?: ("stdout" | "stderr")[];
}

export function startChild(options: ChildOptions = {}): Child {
  const child = spawn(process.execPath, [TEST_SERVER], { env: { ...process.env, ...options.env } });
  const stdout: string[] = [];
  let stderr = "";
  let unfinished = "";
  const watchers = new Set<() => void>();
  const changed = () => {
    for (const watcher of watchers) watcher();
  };
  const listen = (name: "stdout" | "stderr", onText: (chunk: string) => void) => {
    if (!options.unread?.includes(name)) child[name].setEncoding("utf8").on("data", onText);
  };
  listen("stdout", (chunk) => {
    const lines = (unfinished + chunk).split("\n");
    unfinished = lines.pop() ?? "";
    stdout.push(...lines);
    changed();
  });
  listen("stderr", (chunk) => {
    stderr += chunk;
    changed();
  });
  const exit = new Promise<{ code: number | null; signal: string | null }>((resolve) => {
    child.on("exit", (code, signal) => resolve({ code, signal }));
  });
  child.stdin.on("error", () => {});

  function until<T>(look: () => T | undefined): Promise<T> {
    return new Promise((resolve) => {
      const watcher = () => {
        const found = look();
        if (found === undefined) return;
        watchers.delete(watcher);
        resolve(found);
      };
      watchers.add(watcher);
      watcher();
    });
  }

  return {
    process: child,
    stdout,
    stderr: () => stderr,
    send: (message) => child.stdin.write(`${JSON.stringify({ jsonrpc: "2.0", ...message })}\n`),
    reply: (id) =>
      until(() => stdout.map((line) => JSON.parse(line) as Reply).find((message) => message.id === id)),
    said: async (text) => {
      await until(() => (stderr.includes(text) ? true : undefined));
    },
    ended: async () => {
      const began = performance.now();
      return { ...(await exit), ms: performance.now() - began };
    },
  };
}

export const INITIALIZE = {
  id: 0,
  method: "initialize",
  params: {
    protocolVersion: "2025-11-25",
    capabilities: {},
    clientInfo: { name: "test", version: "1" },
  },
};

export function initialize(child: Child): Promise<Reply> {
  child.send(INITIALIZE);
  return child.reply(0);
}

export function callMessage(id: unknown, name: string, args: object): object {
  return { id, method: "tools/call", params: { name, arguments: args } };
}
