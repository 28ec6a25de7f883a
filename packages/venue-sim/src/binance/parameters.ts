import { Big } from "../market/decimal.ts";
import { missing, refuse } from "./errors.ts";

/** The parameters of one request, query and form body together. */
export interface Parameters {
  has(name: string): boolean;
  /** Undefined when it was not sent; an empty value is refused as Binance does. */
  text(name: string): string | undefined;
  required(name: string): string;
  /** A whole number. */
  integer(name: string): number | undefined;
  /** A positive decimal. */
  decimal(name: string): Big | undefined;
  names(): string[];
}

const DECIMAL = /^(\d{1,20})(\.\d{1,20})?$/;
const INTEGER = /^-?\d{1,19}$/;

/** @throws a refusal for a parameter that was sent twice */
export function readParameters(query: string, body: string): Parameters {
  const values = new Map<string, string>();
  for (const [name, value] of [...new URLSearchParams(query), ...new URLSearchParams(body)]) {
    if (values.has(name)) refuse(-1101, "Duplicate values for a parameter detected.");
    values.set(name, value);
  }
  function text(name: string): string | undefined {
    const value = values.get(name);
    if (value === "") refuse(-1105, `Parameter '${name}' was empty.`);
    return value;
  }
  return {
    has: (name) => values.has(name),
    text,
    required: (name) => text(name) ?? missing(name),
    integer: (name) => {
      const value = text(name);
      if (value === undefined) return undefined;
      if (!INTEGER.test(value)) {
        refuse(-1100, `Illegal characters found in parameter '${name}'; legal range is '^[0-9]{1,20}$'.`);
      }
      return Number(value);
    },
    decimal: (name) => {
      const value = text(name);
      if (value === undefined) return undefined;
      const match = DECIMAL.exec(value);
      if (match === null) {
        refuse(
          -1100,
          `Illegal characters found in parameter '${name}'; legal range is '^([0-9]{1,20})(\\.[0-9]{1,20})?$'.`,
        );
      }
      if ((match?.[2]?.length ?? 0) > 9) refuse(-1111, `Parameter '${name}' has too much precision.`);
      return new Big(value);
    },
    names: () => [...values.keys()],
  };
}
