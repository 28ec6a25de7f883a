import { TradingError } from "trading-core/domain/errors";
import { untrustedText } from "trading-core/domain/untrusted-text";
import type * as z from "zod";
import { nearest } from "../nearest.ts";
import type { Tool } from "./define-tool.ts";

type Issue = z.core.$ZodIssue;

/** A sensible call has one or two; a hostile one may have a hundred thousand. */
const MOST_FAULTS = 8;

/** What is wrong with a call's arguments: each fault by name, in words that can be acted on. */
export function invalidArguments(tool: Tool, args: unknown, issues: readonly Issue[]): TradingError {
  const known = Object.keys(tool.input.shape);
  const single = issues.flatMap(oneByOne);
  const faults = single.slice(0, MOST_FAULTS).map((issue) => explain(issue, args, known));
  if (single.length > MOST_FAULTS) faults.push(`and ${single.length - MOST_FAULTS} more faults`);
  return new TradingError(
    "invalid_arguments",
    `${tool.name} was not run: ${faults.join("; ")}.`,
    known.length === 0
      ? "Call it without arguments."
      : `Correct the arguments and call again. ${tool.name} takes: ${known.join(", ")}.`,
  );
}

/** The arguments themselves are not an object. */
export function argumentsNotAnObject(tool: Tool, args: unknown): TradingError {
  return new TradingError(
    "invalid_arguments",
    `${tool.name} was not run: the arguments have to be an object, not ${shown(args)}.`,
    `Send arguments as {"name": value}. ${tool.name} takes: ${Object.keys(tool.input.shape).join(", ") || "none"}.`,
  );
}

/** Unknown arguments come as one issue; each is a fault of its own. */
function oneByOne(issue: Issue): Issue[] {
  if (issue.code !== "unrecognized_keys") return [issue];
  return issue.keys.map((key) => ({ ...issue, keys: [key] }));
}

function explain(issue: Issue, args: unknown, known: string[]): string {
  if (issue.code === "unrecognized_keys") {
    const [key = ""] = issue.keys;
    const meant = nearest(key, known);
    const hint = meant === null ? "" : ` (did you mean "${meant}"?)`;
    return `unknown argument "${untrustedText(key, 40)}"${hint}`;
  }
  const name = issue.path.map((step) => (typeof step === "number" ? `[${step}]` : String(step))).join("");
  const value = valueAt(args, issue.path);
  return value === undefined ? `"${name}" is missing` : `"${name}" ${issue.message}, got ${shown(value)}`;
}

function valueAt(args: unknown, path: readonly PropertyKey[]): unknown {
  let value = args;
  for (const step of path) {
    if (value === null || typeof value !== "object") return undefined;
    value = (value as Record<PropertyKey, unknown>)[step];
  }
  return value;
}

/** Enough of a value to recognise it; never a structure, which may be deep. */
function shown(value: unknown): string {
  if (Array.isArray(value)) return `a list of ${value.length}`;
  if (value !== null && typeof value === "object") return "an object";
  return typeof value === "string" ? `"${untrustedText(value, 40)}"` : String(value);
}
