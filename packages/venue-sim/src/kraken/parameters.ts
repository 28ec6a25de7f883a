import { Big } from "../market/decimal.ts";
import { invalidArgument } from "./errors.ts";

/** The parameters of one request. What an endpoint does not know it does not read: this exchange ignores it. */
export interface Parameters {
  has(name: string): boolean;
  text(name: string): string | undefined;
  required(name: string): string;
  integer(name: string): number | undefined;
  decimal(name: string): Big | undefined;
}

/** From a query or a form, or from JSON; `close: {price}` and `close[price]` are the same. */
export function readParameters(query: string, body: string): Parameters {
  const values = new Map<string, string>(new URLSearchParams(query));
  for (const [name, value] of body.startsWith("{") ? fromJson(body) : new URLSearchParams(body)) {
    values.set(name, value);
  }
  function text(name: string): string | undefined {
    const value = values.get(name);
    return value === "" ? undefined : value;
  }
  return {
    has: (name) => values.has(name),
    text,
    required: (name) => text(name) ?? invalidArgument(name),
    integer: (name) => {
      const value = text(name);
      if (value === undefined) return undefined;
      return /^-?\d{1,15}$/.test(value) ? Number(value) : invalidArgument(name);
    },
    decimal: (name) => {
      const value = text(name);
      if (value === undefined) return undefined;
      return /^\d{1,20}(\.\d{1,20})?$/.test(value) ? new Big(value) : invalidArgument(name);
    },
  };
}

function fromJson(body: string): [string, string][] {
  let parsed: Record<string, unknown>;
  try {
    parsed = JSON.parse(body) as Record<string, unknown>;
  } catch {
    return invalidArgument("body");
  }
  return Object.entries(parsed).flatMap(([name, value]): [string, string][] =>
    typeof value === "object" && value !== null
      ? Object.entries(value).map(([inner, text]) => [`${name}[${inner}]`, String(text)])
      : [[name, String(value)]],
  );
}
