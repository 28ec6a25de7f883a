import { PassThrough } from "node:stream";
import { expect, test } from "vitest";
import { confirmTyped } from "./confirm.ts";

function terminal(typed: string | null, isTTY = true) {
  const input = Object.assign(new PassThrough(), { isTTY });
  const output = new PassThrough();
  if (typed === null) input.end();
  else input.write(typed);
  return { input, output };
}

test("the sentence, typed at a terminal, is a confirmation", async () => {
  const at = terminal("resume DU1\n");
  expect(await confirmTyped(at, "Trading is HALTED.", "resume DU1")).toBe("confirmed");
  expect(String(at.output.read())).toContain('Type "resume DU1" to go on');
});

test("the sentence from a pipe or a file is none", async () => {
  expect(await confirmTyped(terminal("resume DU1\n", false), "?", "resume DU1")).toBe("no_terminal");
});

test.each(["\n", "y\n", "yes\n", "resume\n", "resume DU2\n", "RESUME DU1\n", "resume DU1 now\n", null])(
  "anything else is none: %j",
  async (typed) => {
    expect(await confirmTyped(terminal(typed), "?", "resume DU1")).toBe("not_confirmed");
  },
);
