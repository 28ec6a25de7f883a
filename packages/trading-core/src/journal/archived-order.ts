import { type FileHandle, open } from "node:fs/promises";
import { applyToOrder, type LedgerOrder, newLedgerOrder } from "./ledger-order.ts";
import { parseRecord } from "./lines.ts";
import type { JournalRecord } from "./record.ts";

const CHUNK = 1024 * 1024;
const NEWLINE = 10;

/** A record about one order. */
type OrderRecord = JournalRecord & { clientOrderId: string };

/**
 * One order as the journal's file tells it, for orders that have left the memory. Read from the end towards
 * its intent, a piece at a time and without a lock: whoever decides meanwhile waits for none of it. Null
 * where the file holds no such order.
 *
 * @param id our client order id, or the venue's order id
 */
export async function archivedOrder(path: string, id: string): Promise<LedgerOrder | null> {
  const file = await open(path, "r");
  try {
    const clientOrderId = await clientOrderIdOf(file, id);
    return clientOrderId === null ? null : await foldOf(file, clientOrderId);
  } finally {
    await file.close();
  }
}

/** A venue's id that several of our orders had is the last one's. */
async function clientOrderIdOf(file: FileHandle, id: string): Promise<string | null> {
  for await (const record of recordsFromEnd(file, id)) {
    const names = [record.clientOrderId, "orderId" in record ? record.orderId : null];
    if (names.includes(id)) return record.clientOrderId;
  }
  return null;
}

async function foldOf(file: FileHandle, clientOrderId: string): Promise<LedgerOrder | null> {
  const after: OrderRecord[] = [];
  for await (const record of recordsFromEnd(file, clientOrderId)) {
    if (record.clientOrderId !== clientOrderId) continue;
    if (record.kind === "intent") return fold(record, after.reverse());
    after.push(record);
  }
  return null;
}

function fold(intent: JournalRecord & { kind: "intent" }, records: OrderRecord[]): LedgerOrder {
  const order = newLedgerOrder(intent);
  for (const record of records) {
    order.lastSeq = record.seq;
    order.lastAt = Date.parse(record.at);
    applyToOrder(order, record, order.lastAt);
  }
  return order;
}

/** The records about orders whose line holds this text, newest first. */
async function* recordsFromEnd(file: FileHandle, text: string): AsyncGenerator<OrderRecord> {
  // As it stands in a line.
  const wanted = Buffer.from(JSON.stringify(text));
  for await (const block of blocksFromEnd(file)) {
    // One search through all of it is what most blocks cost.
    if (!block.includes(wanted)) continue;
    for (let end = block.length; end > 0; ) {
      const start = block.lastIndexOf(NEWLINE, end - 1) + 1;
      const line = block.subarray(start, end);
      end = start - 1;
      const record = line.includes(wanted) ? parseRecord(line) : "another line";
      // What cannot be read is for `journal verify` to tell.
      if (typeof record !== "string" && isAboutOrder(record)) yield record;
    }
  }
}

function isAboutOrder(record: JournalRecord): record is OrderRecord {
  return "clientOrderId" in record && record.clientOrderId !== null;
}

/** The file as it is now in pieces of whole lines, the last piece first; without the newline at a piece's end. */
async function* blocksFromEnd(file: FileHandle): AsyncGenerator<Buffer> {
  let rest: Buffer = Buffer.alloc(0);
  for (let end = (await file.stat()).size; end > 0; ) {
    const start = Math.max(0, end - CHUNK);
    const bytes = Buffer.concat([await readAt(file, start, end), rest]);
    end = start;
    // The first line may begin in the piece before. Only a torn last line has no newline at all, and is no record.
    const first = start === 0 ? 0 : bytes.indexOf(NEWLINE) + 1;
    rest = bytes.subarray(0, first);
    if (first > 0 || start === 0) yield bytes.subarray(first);
  }
}

async function readAt(file: FileHandle, start: number, end: number): Promise<Buffer> {
  const bytes = Buffer.alloc(end - start);
  let got = 0;
  while (got < bytes.length) {
    const { bytesRead } = await file.read(bytes, got, bytes.length - got, start + got);
    if (bytesRead === 0) break;
    got += bytesRead;
  }
  return bytes.subarray(0, got);
}
