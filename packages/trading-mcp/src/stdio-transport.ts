import type { Readable } from "node:stream";
import { createLineReader, type OverlongLine } from "./line-reader.ts";
import type { Logger } from "./logger.ts";
import { idAtTheEdges, isMessageId, type MessageId } from "./message-id.ts";
import { broken, idInUse, notARequest, notJson, type Refusal, tooLong } from "./refusals.ts";

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
 * The library's own transport closes itself when a line grows too long, drops what it cannot read without
 * a word, so that its sender waits for ever, and runs two requests with the same id side by side. Here
 * each of them is answered with an error, under its own id wherever that can only mean this message, and
 * the server stays up. A notification asks for no answer and gets none.
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
  /** Whether the protocol library can read this message: what it cannot, it would drop. */
  readable?: (message: unknown) => boolean;
}

interface Message {
  jsonrpc?: unknown;
  id?: unknown;
  method?: unknown;
  params?: unknown;
}

export function createStdioTransport(options: StdioOptions): StdioTransport {
  const { stdin, logger } = options;
  const maxLine = options.maxLine ?? MAX_LINE;
  const inFlight = new Set<unknown>();
  const lines = createLineReader(maxLine, receive, receiveOverlong);
  let closed = false;

  function receive(line: string): void {
    // Some programs begin what they write with a byte order mark; it is no part of the message.
    const text = line.replace(/^\ufeff/, "");
    const refusal = text.trim() === "" ? null : take(text);
    if (refusal) refuse(refusal);
  }

  function receiveOverlong(line: OverlongLine): void {
    refuse(tooLong(freeId(idAtTheEdges(line)), line.bytes, maxLine));
  }

  /** Hands a message on, or tells why not. */
  function take(text: string): Refusal | null {
    const message = parseObject(text);
    if (message === undefined) return notJson();
    if (message === null) return notARequest(null, "it is not an object, and batches are not served");
    if (!Object.hasOwn(message, "method")) return takeResponse(message);
    return Object.hasOwn(message, "id") ? takeRequest(message) : takeNotification(message);
  }

  function takeRequest(message: Message): Refusal | null {
    const { id } = message;
    if (!isMessageId(id)) return notARequest(null, "its id is neither text nor a whole number");
    if (inFlight.has(id)) return idInUse();
    if (!isReadable(message)) {
      return notARequest(id, "jsonrpc, method, params or _meta is not what it has to be");
    }
    inFlight.add(id);
    if (deliver(message)) return null;
    inFlight.delete(id);
    return broken(id);
  }

  function takeNotification(message: Message): null {
    if (!isReadable(message)) return ignore("a notification that cannot be read");
    if (message.method === "notifications/cancelled") release(message.params);
    deliver(message);
    return null;
  }

  function takeResponse(message: Message): Refusal | null {
    if (!Object.hasOwn(message, "result") && !Object.hasOwn(message, "error")) {
      return notARequest(freeId(message.id), "it has no method");
    }
    if (!isReadable(message)) return ignore("a response that cannot be read");
    deliver(message);
    return null;
  }

  function deliver(message: Message): boolean {
    try {
      transport.onmessage?.(message);
      return true;
    } catch (error) {
      // Serves neither: whoever waits for an answer gets one, and the next message is read.
      logger.error({ err: error }, "a message could not be handled");
      return false;
    }
  }

  /** A cancelled request is never answered, so its id is free again. */
  function release(params: unknown): void {
    const { requestId } = (params ?? {}) as { requestId?: unknown };
    // The library takes an id of 0 or "" for none, cancels nothing, and answers.
    if (requestId) inFlight.delete(requestId);
  }

  /** The id, unless an answer under it would be taken for that of another request. */
  function freeId(id: unknown): MessageId | null {
    return isMessageId(id) && !inFlight.has(id) ? id : null;
  }

  function isReadable(message: Message): boolean {
    return message.jsonrpc === "2.0" && (transport.readable?.(message) ?? true);
  }

  function refuse(refusal: Refusal): void {
    logger.warn({ reason: refusal.error.message }, "refused a message");
    write(refusal);
  }

  function ignore(what: string): null {
    logger.warn({}, `ignored ${what}`);
    return null;
  }

  function write(message: unknown): void {
    if (!closed) options.write(`${JSON.stringify(message)}\n`);
  }

  const transport: StdioTransport = {
    async start() {
      stdin.on("data", lines.feed);
    },
    async send(message) {
      const { id, method } = message as Message;
      if (method === undefined) inFlight.delete(id);
      write(message);
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

/** Null for JSON that is no object, undefined for what is no JSON. */
function parseObject(text: string): Message | null | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return value !== null && typeof value === "object" && !Array.isArray(value) ? value : null;
  } catch {
    // Serves neither: the sender is told, and nothing is run.
    return undefined;
  }
}
