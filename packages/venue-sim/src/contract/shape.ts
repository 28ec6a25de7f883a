/**
 * What a value must be. A word names a check below, several with `|` mean any of them. An object lists
 * keys that must be there (`key?`: may be missing, `*`: every other key); more keys are always allowed.
 */
export type Shape = string | ListShape | { readonly [key: string]: Shape };

/** Every item has this shape; with `least`, there are that many. */
export interface ListShape {
  readonly list: Shape;
  readonly least: number;
}

export function listOf(item: Shape, least = 1): ListShape {
  return { list: item, least };
}

function isListShape(shape: Exclude<Shape, string>): shape is ListShape {
  return typeof (shape as ListShape).least === "number";
}

const isText = (pattern: RegExp) => (value: unknown) => typeof value === "string" && pattern.test(value);

const year2001InMilliseconds = 1e12;

/** Numbers and times come in many dresses: each has its word here, so that a change of dress is seen. */
const CHECKS: Record<string, (value: unknown) => boolean> = {
  null: (value) => value === null,
  boolean: (value) => typeof value === "boolean",
  true: (value) => value === true,
  false: (value) => value === false,
  string: (value) => typeof value === "string",
  number: (value) => typeof value === "number",
  integer: (value) => Number.isInteger(value),
  empty: (value) => value === "",
  /** `265598`: an id as text. */
  digits: isText(/^\d+$/),
  /** `1.0`. */
  decimal: isText(/^-?\d+\.\d+$/),
  /** `457.00`, `0.35`. */
  amount: isText(/^-?\d+(\.\d+)?$/),
  /** `1,977`: with separators. */
  separated: isText(/^-?\d{1,3}(,\d{3})*(\.\d+)?$/),
  /** `1,978.60 USD`. */
  money: isText(/^-?\d{1,3}(,\d{3})*(\.\d+)? [A-Z]{3}$/),
  /** `1,977.60 USD (10 Shares)`. */
  sizedMoney: isText(/^\d{1,3}(,\d{3})*(\.\d+)? [A-Z]{3} \(\d+(\.\d+)? Shares\)$/),
  notAvailable: (value) => value === "NA",
  /** A price with the venue's prefix for closed and halted, or its word for none. */
  price: isText(/^(N\/A|[CH]?\d{1,3}(,\d{3})*\.\d{2})$/),
  /** `24.2M`. */
  abbreviated: isText(/^\d+(\.\d+)?[KM]?$/),
  uuid: isText(/^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/),
  milliseconds: (value) => Number.isInteger(value) && (value as number) > year2001InMilliseconds,
  seconds: (value) => Number.isInteger(value) && (value as number) > 1e9 && (value as number) < 1e10,
  /** `261118153000`. */
  compactTime: isText(/^\d{12}$/),
  /** `20261118-15:30:00`. */
  tradeTime: isText(/^\d{8}-\d{2}:\d{2}:\d{2}$/),
};

/** Tells where a value is not as its shape says, with the path of the key: `$.orders[0].orderId …`. */
export function problemsOf(value: unknown, shape: Shape, path = "$"): string[] {
  if (typeof shape === "string") {
    const fits = shape.split("|").some((word) => checkOf(word)(value));
    return fits ? [] : [`${path}: wanted ${shape}, is ${shown(value)}`];
  }
  if (isListShape(shape)) {
    if (!Array.isArray(value)) return [`${path}: wanted a list, is ${shown(value)}`];
    if (value.length < shape.least) return [`${path}: wanted ${shape.least} or more, has ${value.length}`];
    return value.flatMap((item, i) => problemsOf(item, shape.list, `${path}[${i}]`));
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    return [`${path}: wanted an object, is ${shown(value)}`];
  }
  return problemsOfKeys(value as Record<string, unknown>, shape, path);
}

function checkOf(word: string): (value: unknown) => boolean {
  const check = CHECKS[word];
  if (check === undefined) throw new Error(`No shape is called ${word}`);
  return check;
}

function problemsOfKeys(
  value: Record<string, unknown>,
  shape: Record<string, Shape>,
  path: string,
): string[] {
  const named = new Set(Object.keys(shape).map((key) => key.replace(/\?$/, "")));
  const ofNamed = Object.entries(shape).flatMap(([key, inner]) => {
    if (key === "*") return [];
    const name = key.replace(/\?$/, "");
    if (name in value) return problemsOf(value[name], inner, `${path}.${name}`);
    return key === name ? [`${path}.${name}: missing`] : [];
  });
  const anyOther = shape["*"];
  if (anyOther === undefined) return ofNamed;
  const others = Object.entries(value).filter(([key]) => !named.has(key));
  return [...ofNamed, ...others.flatMap(([key, inner]) => problemsOf(inner, anyOther, `${path}.${key}`))];
}

function shown(value: unknown): string {
  const text = JSON.stringify(value) ?? "undefined";
  return text.length > 60 ? `${text.slice(0, 60)}…` : text;
}
