import { asNotSent, TradingError } from "trading-core/domain/errors";
import { untrustedText } from "trading-core/domain/untrusted-text";
import { type Envelope, failure, success, unforeseen } from "./envelope.ts";
import type { Logger } from "./logger.ts";
import { didYouMean } from "./nearest.ts";
import type { ToolContext, Venue } from "./tools/context.ts";
import type { Tool } from "./tools/define-tool.ts";
import { argumentsNotAnObject, invalidArguments } from "./tools/explain-issues.ts";

export interface Call {
  /** As the client sent them: nothing about them is known yet. */
  name: unknown;
  args: unknown;
}

/** Runs one call of a tool. Never throws: every failure is an envelope that says what to do next. */
export async function callTool(
  tools: readonly Tool[],
  call: Call,
  context: ToolContext,
  options: { logger: Logger; secrets?: readonly string[] },
): Promise<Envelope> {
  const tool = tools.find(({ name }) => name === call.name);
  let reached = false;
  async function venue(): Promise<Venue> {
    const found = await context.venue();
    reached = true;
    return found;
  }
  try {
    if (tool === undefined) throw unknownTool(tools, call.name);
    if (tool.kind === "order" && context.server.readOnly) throw readOnly(tool);
    return success(await tool.handler(parseArguments(tool, call.args), { ...context, venue }));
  } catch (error) {
    if (error instanceof TradingError) {
      // Before the venue was at hand nothing can have been sent; after that, its guard says what was.
      const told = tool?.kind === "order" && !reached ? asNotSent(error) : error;
      return failure(told, options.secrets);
    }
    options.logger.error({ tool: tool?.name, err: error }, "a tool failed in a way that was not foreseen");
    return failure(unforeseen(tool?.kind ?? "read"));
  }
}

function parseArguments(tool: Tool, args: unknown): Record<string, unknown> {
  const given = args ?? {};
  if (typeof given !== "object" || Array.isArray(given)) throw argumentsNotAnObject(tool, given);
  const parsed = tool.input.safeParse(given);
  if (!parsed.success) throw invalidArguments(tool, given, parsed.error.issues);
  return parsed.data;
}

function unknownTool(tools: readonly Tool[], name: unknown): TradingError {
  const names = tools.map((tool) => tool.name);
  const asked = typeof name === "string" ? untrustedText(name, 64) : "";
  return new TradingError(
    "unknown_tool",
    `There is no tool "${asked}".${didYouMean(asked, names)}`,
    `Use one of: ${names.join(", ")}.`,
  );
}

function readOnly(tool: Tool): TradingError {
  return new TradingError(
    "read_only",
    `${tool.name} is off: this server runs in read mode.`,
    "Only the operator can change that: TRADING_TOOLS=all, then restart the server.",
  );
}
