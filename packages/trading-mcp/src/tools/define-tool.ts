import * as z from "zod";
import type { ToolContext } from "./context.ts";

export interface Annotations {
  /** Changes nothing at the venue. */
  readOnlyHint: boolean;
  /** May undo or use up something that exists: a position, an order, money. */
  destructiveHint: boolean;
  /** The same call again changes nothing further. */
  idempotentHint: boolean;
  /** Talks to the world outside this machine. */
  openWorldHint: boolean;
}

/**
 * "order" tools reach the venue as a write: read mode neither lists nor serves them. A "control" tool changes
 * something of ours, towards safety; read mode serves it, without its writes to the venue.
 */
export type ToolKind = "read" | "order" | "control";

export interface ToolDefinition<Input extends z.ZodObject, Output extends z.ZodObject> {
  name: string;
  title: string;
  /** Written as for a new colleague: what it does, units, and what to use instead when. */
  description: string;
  input: Input;
  /**
   * The shape of `data`. It documents and is never enforced on the way out: a placed order must not turn
   * into an error because a venue wrote something new. So: no enums or formats over the venue's data.
   */
  output: Output;
  /** Another tool whose `data` this one's is: a list for every client tells the same fields once. */
  answersLike?: string;
  annotations: Annotations;
  kind: ToolKind;
  handler(args: z.output<Input>, context: ToolContext): Promise<z.input<Output>>;
}

/** A tool as plain data: it knows no protocol library. */
export interface Tool {
  name: string;
  title: string;
  description: string;
  input: z.ZodObject;
  output: z.ZodObject;
  answersLike?: string;
  annotations: Annotations;
  kind: ToolKind;
  handler(args: Record<string, unknown>, context: ToolContext): Promise<Record<string, unknown>>;
}

export function defineTool<Input extends z.ZodObject, Output extends z.ZodObject>(
  definition: ToolDefinition<Input, Output>,
): Tool {
  return {
    ...definition,
    // The dispatcher parses with `input` before it calls, so the arguments are what the handler asks for.
    handler: (args, context) => definition.handler(args as z.output<Input>, context),
  };
}

/** What tools/list tells about a tool. Built from the definition alone, in a fixed order. */
export interface ToolListing {
  name: string;
  title: string;
  description: string;
  inputSchema: JsonObjectSchema;
  outputSchema: JsonObjectSchema;
  annotations: Annotations;
}

export type JsonObjectSchema = { type: "object"; [keyword: string]: unknown };

export function listTool(tool: Tool): ToolListing {
  // Clients check structured content against this schema, errors included: it admits both envelopes. What
  // an error looks like is the same for every tool, and not told again for each.
  const output = z.object({
    ok: z.boolean(),
    data: listedData(tool).optional(),
  });
  return {
    name: tool.name,
    title: tool.title,
    description: tool.description,
    inputSchema: jsonSchema(tool.input),
    outputSchema: jsonSchema(output),
    annotations: tool.annotations,
  };
}

function listedData({ output, answersLike }: Tool): z.ZodObject {
  if (answersLike === undefined) return output.partial();
  return z.object({}).describe(`The fields of ${answersLike}.`);
}

/**
 * In "input" terms for both: what a caller may send, and for outputs no ban on further fields. Patterns are
 * left out: some clients cannot compile them, the description says what is meant, and a refusal says it in full.
 */
function jsonSchema(schema: z.ZodObject): JsonObjectSchema {
  const { $schema: _, ...rest } = z.toJSONSchema(schema, {
    io: "input",
    override: ({ jsonSchema: each }) => {
      delete each.pattern;
    },
  });
  return { ...rest, type: "object" };
}
