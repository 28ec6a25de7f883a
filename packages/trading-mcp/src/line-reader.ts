const NEWLINE = 0x0a;
/** How much is kept of either end of a line that is too long. */
const EDGE = 512;

export interface LineReader {
  feed: (chunk: Buffer) => void;
  /** How many bytes of an unfinished line are kept. */
  held: () => number;
}

/** A line that was not kept: how long it was, and what stood at its two ends. */
export interface OverlongLine {
  bytes: number;
  head: string;
  tail: string;
}

/**
 * Cuts a byte stream into lines of UTF-8 text. A line above `max` bytes is not kept while it comes in,
 * and is told by its length and its ends alone when it is over.
 */
export function createLineReader(
  max: number,
  onLine: (line: string) => void,
  onTooLong: (line: OverlongLine) => void,
): LineReader {
  let parts: Buffer[] = [];
  let bytes = 0;
  let edges: { head: Buffer; tail: Buffer } | null = null;

  function add(part: Buffer): void {
    bytes += part.length;
    if (edges !== null) {
      edges.tail = lastOf([edges.tail, part]);
      return;
    }
    parts.push(part);
    if (bytes <= max) return;
    // Copies: a view would keep the whole of what it is a part of.
    edges = { head: Buffer.from(Buffer.concat(parts).subarray(0, EDGE)), tail: lastOf(parts) };
    parts = [];
  }

  function end(): void {
    const line = Buffer.concat(parts);
    const overlong = edges && { bytes, head: edges.head.toString("utf8"), tail: edges.tail.toString("utf8") };
    parts = [];
    bytes = 0;
    edges = null;
    if (overlong) onTooLong(overlong);
    else onLine(line.toString("utf8"));
  }

  return {
    feed(chunk) {
      let rest = chunk;
      for (let index = rest.indexOf(NEWLINE); index !== -1; index = rest.indexOf(NEWLINE)) {
        add(rest.subarray(0, index));
        end();
        rest = rest.subarray(index + 1);
      }
      add(rest);
    },
    held() {
      const pieces = edges === null ? parts : [edges.head, edges.tail];
      return pieces.reduce((total, piece) => total + piece.length, 0);
    },
  };
}

function lastOf(parts: Buffer[]): Buffer {
  return Buffer.from(Buffer.concat(parts).subarray(-EDGE));
}
