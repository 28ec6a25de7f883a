import { closeSync, fsyncSync, ftruncateSync, openSync, readFileSync, writeSync } from "node:fs";
import { dirname } from "node:path";
import { Big } from "./decimal.ts";
import type { VenueEvent } from "./events.ts";

/** Where events go before anybody is told of them. */
export interface EventLog {
  write(event: VenueEvent): void;
  /** Returns once everything written so far would survive the loss of the machine's power. */
  flush(): void;
  close(): void;
}

export const FORGETFUL_LOG: EventLog = { write: () => {}, flush: () => {}, close: () => {} };

const DECIMAL_KEYS = new Set([
  "cash",
  "quantity",
  "averageCost",
  "cashQuantity",
  "limitPrice",
  "stopPrice",
  "trailingAmount",
  "fillCeiling",
  "filled",
  "filledValue",
  "commission",
  "price",
  "activationPrice",
]);

function revive(key: string, value: unknown): unknown {
  return DECIMAL_KEYS.has(key) && typeof value === "string" ? new Big(value) : value;
}

/** Reads the events of a log and opens it for more. A line that was never finished is cut off. */
export function openEventLog(path: string): { log: EventLog; events: VenueEvent[] } {
  const descriptor = openSync(path, "a+", 0o600);
  const content = readFileSync(path);
  const whole = content.lastIndexOf(0x0a) + 1;
  // A torn last line was never acknowledged: it goes, so that the next event starts a line of its own.
  if (whole < content.length) ftruncateSync(descriptor, whole);
  const events: VenueEvent[] = [];
  for (const line of content.toString("utf8", 0, whole).split("\n")) {
    if (line !== "") events.push(JSON.parse(line, revive) as VenueEvent);
  }
  syncFolder(dirname(path));
  let pending = "";
  return {
    events,
    log: {
      write: (event) => {
        pending += `${JSON.stringify(event)}\n`;
      },
      flush: () => {
        if (pending === "") return;
        const bytes = Buffer.from(pending);
        let written = 0;
        while (written < bytes.length) written += writeSync(descriptor, bytes, written);
        pending = "";
        fsyncSync(descriptor);
      },
      close: () => closeSync(descriptor),
    },
  };
}

/** A new file's name is durable only once its folder is. */
function syncFolder(path: string): void {
  let folder: number;
  try {
    folder = openSync(path, "r");
  } catch {
    return; // Windows has no descriptors for folders, and needs none.
  }
  try {
    fsyncSync(folder);
  } finally {
    closeSync(folder);
  }
}
