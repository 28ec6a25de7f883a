import { isAbsolute } from "node:path";
import { type Decimal, parseDecimal } from "trading-core/domain/money";
import * as z from "zod";

/**
 * The kinds of settings that a server has. Every one reads text, because that is what an environment
 * holds; `takes` says in words what it reads, for errors and for the documentation.
 */
export interface Setting<T> {
  schema: z.ZodType<T, string>;
  takes: string;
  description: string;
  /** As text, exactly as it would be written in an environment; null for "unset". */
  default: string | null;
  /** Never printed, never logged. */
  secret: boolean;
  /** Heading under which the documentation lists it. */
  group: string;
  example: string | null;
}

export interface SettingText {
  description: string;
  group: string;
  secret?: boolean;
  example?: string;
}

/** With a default a setting always has a value; without one it is null when unset. */
type WithDefault = SettingText & { default: string };

export interface Kind<T> {
  (about: WithDefault): Setting<T>;
  (about: SettingText): Setting<T | null>;
}

function kind<T>(schema: z.ZodType<T, string>, takes: string): Kind<T> {
  const build = (about: SettingText & { default?: string }): Setting<T> => ({
    schema,
    takes,
    description: about.description,
    default: about.default ?? null,
    secret: about.secret ?? false,
    group: about.group,
    example: about.example ?? null,
  });
  return build as Kind<T>;
}

const UNREADABLE = "unreadable";

/** A schema from a function that answers null for what it cannot read. */
function reads<T>(read: (text: string) => T | null): z.ZodType<T, string> {
  return z.string().transform((text, context) => {
    const value = read(text);
    if (value !== null) return value;
    context.addIssue({ code: "custom", message: UNREADABLE });
    return z.NEVER;
  });
}

export const text = (takes = "text", pattern?: RegExp) =>
  kind(pattern === undefined ? z.string() : z.string().regex(pattern), takes);

/** Only words that leave no doubt: a typo in an arm must not arm anything. */
export const flag = kind(
  reads((value) => {
    if (/^(?:true|1|yes|on)$/i.test(value)) return true;
    return /^(?:false|0|no|off)$/i.test(value) ? false : null;
  }),
  "true or false",
);

export function oneOf<const Words extends readonly [string, ...string[]]>(words: Words) {
  const known: readonly string[] = words;
  return kind(
    reads((value) => (known.includes(value.toLowerCase()) ? (value.toLowerCase() as Words[number]) : null)),
    words.join(", ").replace(/, ([^,]*)$/, " or $1"),
  );
}

/** Money, a percentage or another exact quantity. */
export function amount(
  range: { min?: string; max?: string; above?: string } = { above: "0" },
): Kind<Decimal> {
  const min = bound(range.min);
  const max = bound(range.max);
  const above = bound(range.above);
  const takes = [
    "a plain number such as 250 or 0.5",
    range.above === undefined ? null : `greater than ${range.above}`,
    range.min === undefined ? null : `at least ${range.min}`,
    range.max === undefined ? null : `at most ${range.max}`,
  ];
  return kind(
    reads((value): Decimal | null => {
      const parsed = parseDecimal(value);
      if (parsed === null) return null;
      const fits = !(above && parsed.lte(above)) && !(min && parsed.lt(min)) && !(max && parsed.gt(max));
      return fits ? parsed : null;
    }),
    takes.filter((part) => part !== null).join(", "),
  );
}

function bound(value: string | undefined): Decimal | null {
  return value === undefined ? null : parseDecimal(value);
}

/** Seconds, counts, ports: a float is exact enough here, and money never goes this way. */
export function number(range: { min: number; max: number; whole?: boolean }) {
  const what = range.whole ? "a whole number" : "a number";
  return kind(
    reads((value) => {
      const parsed = parseDecimal(value)?.toNumber() ?? Number.NaN;
      const fits = parsed >= range.min && parsed <= range.max;
      return fits && (!range.whole || Number.isInteger(parsed)) ? parsed : null;
    }),
    `${what} from ${range.min} to ${range.max}`,
  );
}

/** Upper-case names, separated by commas. */
export const symbolList = kind(
  reads((value) => {
    const names = value.split(",").map((name) => name.trim().toUpperCase());
    const filled = names.filter((name) => name !== "");
    return filled.every((name) => /^[A-Z0-9][A-Z0-9 ./:-]{0,31}$/.test(name)) ? filled : null;
  }),
  "symbols separated by commas, such as AAPL,MSFT",
);

export const url = kind(
  reads((value) => {
    const parsed = URL.canParse(value) ? new URL(value) : null;
    const web = parsed?.protocol === "https:" || parsed?.protocol === "http:";
    return web && parsed ? parsed : null;
  }),
  "an http or https URL",
);

/** Absolute, because every client starts a server in another folder. */
export const absolutePath = kind(
  reads((value) => (isAbsolute(value) ? value : null)),
  "an absolute path",
);
