import process from "node:process";
import { TradingError } from "trading-core/domain/errors";
import { callTool } from "./call-tool.ts";
import type { Envelope } from "./envelope.ts";
import { instructions } from "./instructions.ts";
import type { Logger } from "./logger.ts";
import { writeStdout } from "./quiet-stdout.ts";
import { serveProtocol } from "./server.ts";
import { superviseStdio } from "./stdio-lifecycle.ts";
import { createStdioTransport } from "./stdio-transport.ts";
import { listedTools } from "./tools/catalog.ts";
import type { ToolContext, Venue } from "./tools/context.ts";
import type { Tool } from "./tools/define-tool.ts";

export interface ServerOptions {
  /** What clients show: "Interactive Brokers". */
  title: string;
  tools: readonly Tool[];
  /** What handlers get besides the request's signal. `server.name` and `server.version` go to the client. */
  context: Omit<ToolContext, "signal">;
  /** Whether an order is in flight: then, and only then, shutting down takes up to ten seconds. */
  busy(): boolean;
  /** Resolves when no order is in flight; new ones are refused from now on. */
  drain(): Promise<void>;
  /** Lets go of sockets, timers and files. Must not send anything that matters. */
  close(): Promise<void> | void;
  logger: Logger;
  /** Values that never leave in an answer. */
  secrets?: readonly string[];
}

/** How long replies that are nearly done may take when no order is among them. */
const REPLY_GRACE_MS = 150;
const FLUSH_MS = 100;

/**
 * Serves the tools on stdin and stdout until the client is gone, then exits the process. It answers
 * `initialize` before any venue is contacted: `context.venue` is first called by a tool.
 */
export async function startServer(options: ServerOptions): Promise<void> {
  const { context, logger } = options;
  const calls = createCalls(options);
  const transport = createStdioTransport({ stdin: process.stdin, write: writeStdout, logger });
  superviseStdio({
    stdin: process.stdin,
    stdout: process.stdout,
    host: process,
    logger,
    working: () => calls.orders() > 0 || options.busy(),
    async stop() {
      transport.stopReading();
      await calls.stop();
      await within(FLUSH_MS, flushed());
      await options.close();
    },
  });
  await serveProtocol(
    {
      name: context.server.name,
      title: options.title,
      version: context.server.version,
      instructions: instructions({
        venue: options.title,
        mode: context.server.mode,
        readOnly: context.server.readOnly,
      }),
      listed: listedTools(options.tools, context.server.readOnly),
      call: calls.run,
      onError: (error) => logger.warn({ err: error }, "protocol error"),
    },
    transport,
  );
}

/** The calls that run now. Those of order tools are always awaited, whatever the client does meanwhile. */
function createCalls(options: ServerOptions) {
  const orders = new Set<Promise<Envelope>>();
  const reads = new Set<Promise<Envelope>>();
  const stopped = new AbortController();

  async function venue(): Promise<Venue> {
    if (stopped.signal.aborted) throw shuttingDown();
    const made = await options.context.venue();
    // Connecting takes a while; an order that comes out of it after the stop must not begin.
    if (stopped.signal.aborted) throw shuttingDown();
    return made;
  }

  async function run(name: unknown, args: unknown, requested: AbortSignal): Promise<Envelope> {
    const signal = AbortSignal.any([requested, stopped.signal]);
    const call = callTool(options.tools, { name, args }, { ...options.context, venue, signal }, options);
    const isOrder = options.tools.some((tool) => tool.name === name && tool.kind === "order");
    const running = isOrder ? orders : reads;
    running.add(call);
    return call.finally(() => running.delete(call));
  }

  async function stop(): Promise<void> {
    stopped.abort();
    // `drain` refuses new orders at once, and resolves with the last outcome on disk.
    await Promise.all([options.drain(), settled(orders), within(REPLY_GRACE_MS, settled(reads))]);
  }

  return { run, stop, orders: () => orders.size };
}

function shuttingDown(): TradingError {
  return new TradingError(
    "shutting_down",
    "The server is stopping; nothing was sent.",
    "Start it again, then look at session_status.",
    { retryable: true },
  );
}

async function settled(calls: Iterable<Promise<unknown>>): Promise<void> {
  await Promise.allSettled(calls);
  // One more turn: the reply is written by whoever awaited the call after us.
  await new Promise((resolve) => setImmediate(resolve));
}

/** Resolves when what was written to stdout has left the process. */
function flushed(): Promise<void> {
  if (process.stdout.writableLength === 0 || process.stdout.destroyed) return Promise.resolve();
  return new Promise((resolve) => process.stdout.once("drain", resolve));
}

async function within(milliseconds: number, work: Promise<void>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, milliseconds);
  });
  await Promise.race([work, late]);
  clearTimeout(timer);
}
