import { expect, test } from "vitest";
import { createLineReader, type OverlongLine } from "./line-reader.ts";

function reader(max: number) {
  const lines: string[] = [];
  const tooLong: OverlongLine[] = [];
  const made = createLineReader(
    max,
    (line) => lines.push(line),
    (line) => tooLong.push(line),
  );
  return { ...made, lines, tooLong };
}

test("a line may come in any pieces, cut inside a character included", () => {
  const { feed, lines } = reader(100);
  for (const byte of Buffer.from("\u00e9\u20ac\n\nb\r\nc")) feed(Buffer.from([byte]));
  expect(lines).toEqual(["\u00e9\u20ac", "", "b\r"]);
});

test("a line at the bound is read, one above it told by its ends, and the next one read again", () => {
  const { feed, lines, tooLong } = reader(4);
  feed(Buffer.from("abcd\nabcde\nabc\n"));
  expect(lines).toEqual(["abcd", "abc"]);
  expect(tooLong).toEqual([{ bytes: 5, head: "abcde", tail: "abcde" }]);
});

test("of a long line both ends are kept, whatever the pieces", () => {
  const text = `${"a".repeat(600)}${"b".repeat(5_000)}${"c".repeat(600)}`;
  for (const size of [1, 7, 511, 5_000, 10_000]) {
    const { feed, tooLong } = reader(1_000);
    for (let at = 0; at < text.length; at += size) feed(Buffer.from(text.slice(at, at + size)));
    feed(Buffer.from("\n"));
    expect(tooLong).toEqual([{ bytes: 6_200, head: "a".repeat(512), tail: "c".repeat(512) }]);
  }
});

test("a line without an end takes no memory beyond the bound", () => {
  const { feed, held, tooLong } = reader(1_500);
  for (let part = 0; part < 50; part++) {
    feed(Buffer.alloc(1_000, "y"));
    expect(held()).toBeLessThanOrEqual(1_500);
  }
  feed(Buffer.from("\n"));
  expect(tooLong).toMatchObject([{ bytes: 50_000 }]);
  expect(held()).toBe(0);
});
