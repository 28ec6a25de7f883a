const NEWLINE = 0x0a;

export interface LineReader {
  feed: (chunk: Buffer) => void;
  /** How many bytes of an unfinished line are kept. */
  held: () => number;
}

/**
 * Cuts a byte stream into lines of UTF-8 text. A line above `max` bytes is not kept while it comes in,
 * and is told by its length alone when it ends.
 */
export function createLineReader(
  max: number,
  onLine: (line: string) => void,
  onTooLong: (bytes: number) => void,
): LineReader {
  let parts: Buffer[] = [];
  let bytes = 0;

  function add(part: Buffer): void {
    bytes += part.length;
    if (bytes <= max) parts.push(part);
    else parts = [];
  }

  function end(): void {
    const line = bytes <= max ? Buffer.concat(parts).toString("utf8") : null;
    const length = bytes;
    parts = [];
    bytes = 0;
    if (line === null) onTooLong(length);
    else onLine(line);
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
    held: () => parts.reduce((total, part) => total + part.length, 0),
  };
}
