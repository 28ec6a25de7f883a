import { pino } from "pino";
import { callTool } from "../call-tool.ts";
import type { ErrorAnswer } from "../envelope.ts";
import { catalog } from "../tools/catalog.ts";
import type { ToolContext } from "../tools/context.ts";
import { type TestVenue, testContext, testVenue } from "./venue.ts";

export const silent = pino({ level: "silent" });

/** Calls a tool as the server would, with arguments as a client sends them: the whole envelope. */
export function call(name: string, args: unknown, context: ToolContext = testContext(testVenue())) {
  return callTool(catalog, { name, args }, context, { logger: silent });
}

/** The data of a call that succeeds. */
export async function dataOf(name: string, args: unknown, venue: TestVenue = testVenue()) {
  const envelope = await call(name, args, testContext(venue));
  if (!envelope.ok) throw new Error(`${envelope.error.code}: ${envelope.error.message}`);
  return envelope.data;
}

/** The error of a call that fails, and what it did to the venue before. */
export async function errorOf(
  name: string,
  args: unknown,
  venue: TestVenue = testVenue(),
): Promise<ErrorAnswer> {
  const envelope = await call(name, args, testContext(venue));
  if (envelope.ok) throw new Error(`${name} succeeded: ${JSON.stringify(envelope.data)}`);
  return envelope.error;
}
