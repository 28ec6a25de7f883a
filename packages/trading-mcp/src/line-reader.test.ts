import { expect, test } from "vitest";
import { createLineReader } from "./line-reader.ts";

function reader(max: number) {
  const lines: string[] = [];
  const tooLong: number[] = [];
  const made = createLineReader(
    max,
    (line) => lines.push(line),
    (bytes) => tooLong.push(bytes),
  );
  return { ...made, lines, tooLong };
}

test("a line may come in any pieces, cut inside a character included", () => {
  const { feed, lines } = reader(100);
  for (const byte of Buffer.from("\u00e9\u20ac\n\nb\r\nc")) feed(Buffer.from([byte]));
  expect(lines).toEqual(["\u00e9\u20ac", "", "b\r"]);
});

test("a line at the bound is read, one above it only counted, and the next one read again", () => {
  const { feed, lines, tooLong } = reader(4);
  feed(Buffer.from("abcd\nabcde\nabc\n"));
  expect(lines).toEqual(["abcd", "abc"]);
  expect(tooLong).toEqual([5]);
});

test("a line without an end takes no memory beyond the bound", () => {
  const { feed, held, tooLong } = reader(1_500);
  for (let part = 0; part < 50; part++) {
    feed(Buffer.alloc(1_000, "y"));
    expect(held()).toBeLessThanOrEqual(1_500);
  }
  feed(Buffer.from("\n"));
  expect(tooLong).toEqual([50_000]);
  expect(held()).toBe(0);
});
