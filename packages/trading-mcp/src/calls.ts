import { TradingError } from "trading-core/domain/errors";
import { callTool } from "./call-tool.ts";
import type { Envelope } from "./envelope.ts";
import type { Logger } from "./logger.ts";
import type { ToolContext, Venue } from "./tools/context.ts";
import type { Tool } from "./tools/define-tool.ts";

export interface CallsOptions {
  tools: readonly Tool[];
  /** What handlers get besides the request's signal. */
  context: Omit<ToolContext, "signal">;
  /** Resolves when no order is in flight; new ones are refused from now on. */
  drain(): Promise<void>;
  logger: Logger;
  /** Values that never leave in an answer. */
  secrets?: readonly string[];
}

/** How long replies that are nearly done may take when no order is among them. */
const REPLY_GRACE_MS = 150;

/** The calls that run now. Those of order tools are always awaited, whatever the client does meanwhile. */
export function createCalls(options: CallsOptions) {
  const orders = new Set<Promise<Envelope>>();
  const reads = new Set<Promise<Envelope>>();
  const stopped = new AbortController();
  const halt = new Promise<never>((_, reject) => {
    stopped.signal.addEventListener("abort", () => reject(shuttingDown()));
  });
  halt.catch(() => {});

  /** Connecting takes a while; an order that is still waiting for it when the stop comes does not begin. */
  async function venue(): Promise<Venue> {
    if (stopped.signal.aborted) throw shuttingDown();
    return await Promise.race([halt, options.context.venue()]);
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
    const ends = [options.drain(), settled(orders), within(REPLY_GRACE_MS, settled(reads))];
    for (const end of await Promise.allSettled(ends)) {
      if (end.status === "rejected") options.logger.error({ err: end.reason }, "draining failed");
    }
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

/** Resolves with the work, or after this long without it. */
export async function within(milliseconds: number, work: Promise<void>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, milliseconds);
  });
  await Promise.race([work, late]);
  clearTimeout(timer);
}
