import type { Annotations } from "./define-tool.ts";

/** Looks at the venue and changes nothing. */
export const READS: Annotations = {
  readOnlyHint: true,
  destructiveHint: false,
  idempotentHint: true,
  openWorldHint: true,
};

/** Sends an order: each call is a new one. */
export const ORDERS: Annotations = {
  readOnlyHint: false,
  destructiveHint: true,
  idempotentHint: false,
  openWorldHint: true,
};

/** Takes something away; once it is gone, the same call changes nothing more. */
export const CANCELS: Annotations = { ...ORDERS, idempotentHint: true };
