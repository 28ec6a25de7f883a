import process from "node:process";
import { afterEach, expect, test, vi } from "vitest";
import { createLogger } from "./logger.ts";

afterEach(() => vi.restoreAllMocks());

function logged(write: (logger: ReturnType<typeof createLogger>) => void): string[] {
  const lines: string[] = [];
  vi.spyOn(process.stderr, "write").mockImplementation((line) => {
    lines.push(String(line));
    return true;
  });
  write(createLogger({ name: "ibkr", level: "info", secrets: ["hunter22"] }));
  return lines;
}

test("one ASCII line of JSON per event, on stderr, from its level up", () => {
  const lines = logged((logger) => {
    logger.debug("not said");
    logger.info({ symbol: "\u20acUR" }, "d\u00e9j\u00e0\nvu");
  });
  expect(lines).toHaveLength(1);
  expect(lines[0]).toMatch(/^[\x20-\x7e]+\n$/);
  expect(JSON.parse(lines[0] ?? "")).toMatchObject({
    level: "info",
    name: "ibkr",
    symbol: "\u20acUR",
    msg: "d\u00e9j\u00e0\nvu",
  });
});

test("no secret, by its name or by its value, in fields, errors or messages", () => {
  const [line] = logged((logger) => {
    logger.warn(
      { headers: { cookie: "abc" }, err: new Error("GET /x?signature=ff hunter22") },
      "login with hunter22",
    );
  });
  expect(line).not.toMatch(/hunter22|abc|ff/);
  expect(JSON.parse(line ?? "")).toMatchObject({ err: { type: "Error" }, msg: "login with [redacted]" });
});

test("a reader that is behind costs lines, not memory", () => {
  vi.spyOn(process.stderr, "writableLength", "get").mockReturnValue(2 << 20);
  expect(logged((logger) => logger.info("x"))).toEqual([]);
});
