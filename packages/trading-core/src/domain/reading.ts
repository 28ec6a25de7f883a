/**
 * What was read from a venue, or the fact that it was not. A list that could not be read is not an
 * empty list, and an unreadable number is not zero: code that wants the value has to look first.
 */
export type Reading<T> = Read<T> | Unread;

export interface Read<T> {
  kind: "read";
  value: T;
  /** When the read began, epoch milliseconds by the local clock: nothing that happened later is in it. */
  began: number;
}

export interface Unread {
  kind: "unread";
  /** Why, in words that an operator can act on. */
  reason: string;
}

export function read<T>(value: T, began: number): Read<T> {
  return { kind: "read", value, began };
}

export function unread(reason: string): Unread {
  return { kind: "unread", reason };
}

/** The value, or null where it was not read. For display only; a decision has to tell the two apart. */
export function valueOrNull<T>(reading: Reading<T>): T | null {
  return reading.kind === "read" ? reading.value : null;
}
