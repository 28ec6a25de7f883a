import { TradingError } from "trading-core/domain/errors";
import { failure } from "./envelope.ts";
import type { MessageId } from "./message-id.ts";

/**
 * What is answered to a message that never becomes a call. It is a JSON-RPC error, because nothing says
 * that a call was meant; its `data` is the envelope of a failed call, so that there is one form to read.
 */
export interface Refusal {
  jsonrpc: "2.0";
  id: MessageId | null;
  error: { code: number; message: string; data: unknown };
}

const PARSE_ERROR = -32700;
const INVALID_REQUEST = -32600;
const INTERNAL_ERROR = -32603;

export function notJson(): Refusal {
  return refusal(
    null,
    PARSE_ERROR,
    new TradingError(
      "not_json",
      "A line came in that is not JSON; nothing was done.",
      "Send one JSON-RPC message on each line, in UTF-8.",
    ),
  );
}

export function notARequest(id: MessageId | null, why: string): Refusal {
  return refusal(
    id,
    INVALID_REQUEST,
    new TradingError(
      "invalid_request",
      `A message came in that is no JSON-RPC request: ${why}; nothing was done.`,
      'Send {"jsonrpc":"2.0","id":1,"method":"...","params":{...}} with text or a whole number as id, one on each line.',
    ),
  );
}

export function tooLong(id: MessageId | null, bytes: number, most: number): Refusal {
  return refusal(
    id,
    INVALID_REQUEST,
    new TradingError(
      "message_too_long",
      `A line of ${bytes} bytes came in, and at most ${most} are read; nothing was done.`,
      "Send a shorter message; no call here needs more than a few thousand characters.",
    ),
  );
}

/**
 * Answered without the id. Under its id the client would take it for the answer to the request that is
 * still being worked on: an order that is on its way would look refused.
 */
export function idInUse(): Refusal {
  return refusal(
    null,
    INVALID_REQUEST,
    new TradingError(
      "id_in_use",
      "A request came in under the id of one that is still being worked on; it was not run.",
      "Wait for the first answer, or send the request under an id of its own.",
    ),
  );
}

export function broken(id: MessageId | null): Refusal {
  return refusal(
    id,
    INTERNAL_ERROR,
    new TradingError(
      "internal_error",
      "The server failed while it read this message; nothing was done.",
      "Tell the operator to look at the server's log (stderr).",
    ),
  );
}

function refusal(id: MessageId | null, code: number, error: TradingError): Refusal {
  return { jsonrpc: "2.0", id, error: { code, message: error.message, data: failure(error) } };
}
