import type { OverlongLine } from "./line-reader.ts";

/** What JSON-RPC and MCP allow as the id of a request that is to be answered. */
export type MessageId = string | number;

export function isMessageId(id: unknown): id is MessageId {
  return typeof id === "string" || Number.isSafeInteger(id);
}

const ID = String.raw`"id"\s*:\s*(-?\d{1,15}|"[\w.:-]{1,64}")`;
const WORD = String.raw`"(?:jsonrpc|method)"\s*:\s*"[^"\\]{0,64}"`;
const AT_THE_HEAD = new RegExp(String.raw`^\s*\{(?:\s*${WORD}\s*,)*\s*${ID}\s*,`);
const AT_THE_TAIL = new RegExp(String.raw`,\s*${ID}(?:\s*,\s*${WORD})*\s*\}\s*$`);

/**
 * The id of a message that is too long to be read, or null when its ends do not show one. Clients write it
 * first or last; in valid JSON neither place can be inside of something else.
 */
export function idAtTheEdges({ head, tail }: OverlongLine): MessageId | null {
  // The last of two equal names counts in JSON.
  const found = AT_THE_TAIL.exec(tail)?.[1] ?? AT_THE_HEAD.exec(head)?.[1];
  return found === undefined ? null : (JSON.parse(found) as MessageId);
}
