import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { fileURLToPath } from "node:url";

export const TEST_SERVER = fileURLToPath(new URL("../../dist/testing/test-server.js", import.meta.url));

export interface Reply {
  id?: unknown;
  result?: { structuredContent?: unknown; isError?: boolean; [field: string]: unknown };
  error?: { code: number; message: string; data?: unknown };
}

/** A server as a process, spoken to in raw lines: the tests that a client library would be too polite for. */
export interface Child {
  process: ChildProcessWithoutNullStreams;
  /** Everything on stdout, by line. */
  stdout: string[];
  /** What stdout holds after its last line end. */
  unfinished: () => string;
  /** The lines of stdout that are JSON. */
  messages: Reply[];
  stderr: () => string;
  send: (message: object) => void;
  write: (text: string) => void;
  /** The first reply with this id, as soon as it comes. */
  reply: (id: unknown) => Promise<Reply>;
  /** Resolves when this holds; looked at after everything that the server writes. */
  until(holds: () => boolean): Promise<void>;
  /** Resolves when stderr holds this text. */
  said: (text: string) => Promise<void>;
  /** How the process ended, and how long that took from this call on. */
  ended: () => Promise<{ code: number | null; signal: string | null; ms: number }>;
}

export interface ChildOptions {
  /** Another program than the test server: its path and arguments, run by this Node. */
  command?: string[];
  /** On top of this process's environment, or all of it when `command` is given. */
  env?: Record<string, string>;
  /** Streams that nobody reads: what is written there piles up. */
  unread?: ("stdout" | "stderr")[];
}

export function startChild(options: ChildOptions = {}): Child {
  const { command, env } = options;
  const child = spawn(process.execPath, command ?? [TEST_SERVER], {
    env: command === undefined ? { ...process.env, ...env } : (env ?? {}),
  });
  const stdout: string[] = [];
  const messages: Reply[] = [];
  const replies = new Map<unknown, Reply>();
  let stderr = "";
  let unfinished = "";
  const watchers = new Set<() => void>();
  const changed = () => {
    for (const watcher of watchers) watcher();
  };
  const drained: Promise<unknown>[] = [];
  const listen = (name: "stdout" | "stderr", onText: (chunk: string) => void) => {
    if (options.unread?.includes(name)) return;
    child[name].setEncoding("utf8").on("data", onText);
    drained.push(new Promise((resolve) => child[name].on("close", resolve)));
  };
  listen("stdout", (chunk) => {
    const lines = (unfinished + chunk).split("\n");
    unfinished = lines.pop() ?? "";
    for (const line of lines) {
      stdout.push(line);
      const message = parse(line);
      if (message === null) continue;
      messages.push(message);
      if (!replies.has(message.id)) replies.set(message.id, message);
    }
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

  function look<T>(find: () => T | undefined): Promise<T> {
    return new Promise((resolve) => {
      const watcher = () => {
        const found = find();
        if (found === undefined) return;
        watchers.delete(watcher);
        resolve(found);
      };
      watchers.add(watcher);
      watcher();
    });
  }

  async function until(holds: () => boolean): Promise<void> {
    await look(() => holds() || undefined);
  }

  return {
    process: child,
    stdout,
    unfinished: () => unfinished,
    messages,
    stderr: () => stderr,
    send: (message) => child.stdin.write(`${JSON.stringify({ jsonrpc: "2.0", ...message })}\n`),
    write: (text) => child.stdin.write(text),
    reply: (id) => look(() => replies.get(id)),
    until,
    said: (text) => until(() => stderr.includes(text)),
    ended: async () => {
      const began = performance.now();
      const end = await exit;
      const ms = performance.now() - began;
      // The pipes may still hold what was written last.
      await Promise.all(drained);
      return { ...end, ms };
    },
  };
}

function parse(line: string): Reply | null {
  try {
    return JSON.parse(line) as Reply;
  } catch {
    // A test that asks what stdout held finds it there.
    return null;
  }
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
