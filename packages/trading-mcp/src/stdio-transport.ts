import type { Readable } from "node:stream";
import { createLineReader } from "./line-reader.ts";
import type { Logger } from "./logger.ts";

/** The longest line that is read: a thousand times the largest sensible call. */
const MAX_LINE = 1024 * 1024;

export interface StdioOptions {
  stdin: Readable;
  /** Writes to the real stdout. */
  write(text: string): void;
  logger: Logger;
  maxLine?: number;
}

/**
 * JSON-RPC over stdio, one message a line, in the shape that the protocol library asks of a transport.
 *
 * The library's own transport closes itself when a line grows too long, and runs two requests with the
 * same id side by side. Here both are dropped with a line in the log, and the server stays up.
 */
export interface StdioTransport {
  start(): Promise<void>;
  send(message: unknown): Promise<void>;
  close(): Promise<void>;
  /** Takes no further messages; replies still go out. */
  stopReading(): void;
  onclose?: () => void;
  onerror?: (error: Error) => void;
  onmessage?: (message: unknown) => void;
}

interface Message {
  id?: unknown;
  method?: unknown;
  params?: { requestId?: unknown } | undefined;
}

export function createStdioTransport(options: StdioOptions): StdioTransport {
  const { stdin, logger } = options;
  const inFlight = new Set<unknown>();
  const lines = createLineReader(options.maxLine ?? MAX_LINE, receive, (bytes) =>
    logger.warn({ bytes }, "dropped a line that is too long to be a message"),
  );
  let closed = false;

  function receive(line: string): void {
    if (line.trim() === "") return;
    const message = parseMessage(line);
    if (message === null) {
      logger.warn({ length: line.length }, "dropped a line that is not a JSON-RPC message");
      return;
    }
    if (message.method !== undefined && message.id !== undefined) {
      if (inFlight.has(message.id)) {
        logger.warn({ id: message.id }, "dropped a request whose id is still being worked on");
        return;
      }
      inFlight.add(message.id);
    }
    // A cancelled request is never answered, so its id is free again.
    if (message.method === "notifications/cancelled") inFlight.delete(message.params?.requestId);
    transport.onmessage?.(message);
  }

  const transport: StdioTransport = {
    async start() {
      stdin.on("data", lines.feed);
    },
    async send(message) {
      const { id, method } = message as Message;
      if (method === undefined) inFlight.delete(id);
      if (!closed) options.write(`${JSON.stringify(message)}\n`);
    },
    stopReading() {
      stdin.off("data", lines.feed);
      stdin.pause();
    },
    async close() {
      if (closed) return;
      closed = true;
      transport.stopReading();
      transport.onclose?.();
    },
  };
  return transport;
}

function parseMessage(line: string): Message | null {
  try {
    const value: unknown = JSON.parse(line);
    const isObject = value !== null && typeof value === "object" && !Array.isArray(value);
    return isObject && (value as { jsonrpc?: unknown }).jsonrpc === "2.0" ? (value as Message) : null;
  } catch {
    return null;
  }
}
