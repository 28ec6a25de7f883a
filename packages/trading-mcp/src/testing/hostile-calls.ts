import { expect } from "vitest";
import type { Tool } from "../tools/define-tool.ts";
import type { Child, Reply } from "./child.ts";
import { canBeMeant, HOSTILE_VALUES, KINDS, VALID } from "./hostile-values.ts";

/** Calls with hostile arguments to a built server, and what has to be true of every answer. */
export interface Asked {
  what: string;
  reply: Reply;
}

let calls = 0;

/** How many calls were made so far, by this process. */
export const callsMade = () => calls;

/** Sends calls, given as the JSON text of their params, all at once, and answers what came back. */
export async function ask(to: Child, params: { what: string; json: string }[]): Promise<Asked[]> {
  const first = calls + 1_000;
  calls += params.length;
  const lines = params.map(
    ({ json }, index) => `{"jsonrpc":"2.0","id":${first + index},"method":"tools/call","params":${json}}\n`,
  );
  to.write(lines.join(""));
  return Promise.all(params.map(async ({ what }, index) => ({ what, reply: await to.reply(first + index) })));
}

/** One call, its arguments given as JSON text. */
export function call(tool: string, args: Record<string, string>) {
  const members = Object.entries(args).map(([name, value]) => `${JSON.stringify(name)}:${value}`);
  const json = `{"name":"${tool}","arguments":{${members.join(",")}}}`;
  return { what: json.slice(0, 200), json };
}

const HIDDEN = /[\p{Cc}\p{Cf}\p{Cs}\u2028\u2029]/u;

/** The envelope of a failed call, in both forms, bounded and harmless. */
export function expectRefusal({ what, reply }: Asked): { code: string; message: string } {
  const { content, structuredContent, isError } = reply.result as {
    content: [{ type: string; text: string }];
    structuredContent: { ok: boolean; error: Record<string, string> };
    isError?: boolean;
  };
  expect(isError, what).toBe(true);
  expect(content, what).toHaveLength(1);
  expect(content[0].text, what).toBe(JSON.stringify(structuredContent));
  const { ok, error } = structuredContent;
  expect(ok, what).toBe(false);
  const { code = "", message = "", next_step = "" } = error;
  expect(code, what).toMatch(/^[a-z]+(_[a-z]+)*$/);
  expect(typeof error.retryable, what).toBe("boolean");
  for (const words of [message, next_step]) {
    expect(words.length, what).toBeGreaterThan(5);
    expect(Buffer.byteLength(words), what).toBeLessThan(2_048);
    expect(words, what).not.toMatch(HIDDEN);
  }
  expect(code, `${what}: ${message}`).not.toBe("internal_error");
  return { code, message };
}

export const argumentsOf = (tool: Tool) => Object.keys(tool.input.shape);
const isRequired = (tool: Tool, name: string) => !tool.input.shape[name]?.safeParse(undefined).success;

/** Not by a plain look-up: "constructor" is among the names. */
export const validFor = (name: string) => (Object.hasOwn(VALID, name) ? VALID[name] : undefined);

/** The arguments that a tool cannot do without, all of them valid. */
export function validArguments(tool: Tool): Record<string, string> {
  const names = argumentsOf(tool).filter((name) => isRequired(tool, name));
  return Object.fromEntries(names.map((name) => [name, VALID[name] ?? ""]));
}

/** One call for every hostile value in every argument of a tool; the name is the argument's. */
export function hostileCalls(tool: Tool): { name: string; call: ReturnType<typeof call> }[] {
  return argumentsOf(tool).flatMap((name) => {
    const kind = KINDS[name] ?? "text";
    const values = HOSTILE_VALUES.filter((value) => !canBeMeant(value, kind)).map(({ json }) => json);
    // In a list each of its members is as hostile as a value of its own.
    if (kind === "symbols") {
      const members = HOSTILE_VALUES.filter((value) => !canBeMeant(value, "symbol"));
      values.push(...members.map(({ json }) => `["AAPL",${json}]`));
    }
    return values.map((value) => ({
      name,
      call: call(tool.name, { ...validArguments(tool), [name]: value }),
    }));
  });
}
