/** What kind of value an argument takes: the same hostile value may be fine for another kind. */
export type Kind =
  | "symbol"
  | "symbols"
  | "choice"
  | "decimal"
  | "order_id"
  | "key"
  | "seconds"
  | "count"
  | "flag"
  | "query"
  | "text";

export const KINDS: Record<string, Kind> = {
  symbol: "symbol",
  symbols: "symbols",
  side: "choice",
  time_in_force: "choice",
  cash_amount: "decimal",
  quantity: "decimal",
  limit_price: "decimal",
  stop_price: "decimal",
  trail_amount: "decimal",
  trail_percent: "decimal",
  take_profit: "decimal",
  stop_loss: "decimal",
  entry_limit_price: "decimal",
  order_id: "order_id",
  idempotency_key: "key",
  timeout_seconds: "seconds",
  limit: "count",
  scope: "choice",
  stop_exits: "flag",
  cancel_working: "flag",
  reason: "text",
  query: "query",
  period: "choice",
  bar: "choice",
};

/** Valid values, as JSON text, to fill up a call whose one argument is hostile. */
export const VALID: Record<string, string> = {
  symbol: '"AAPL"',
  symbols: '["AAPL"]',
  side: '"BUY"',
  time_in_force: '"DAY"',
  cash_amount: "10",
  quantity: "1",
  limit_price: "1",
  stop_price: "1",
  trail_amount: "1",
  trail_percent: "1",
  take_profit: "1",
  stop_loss: "1",
  entry_limit_price: "1",
  order_id: '"1"',
  idempotency_key: '"k-1"',
  timeout_seconds: "0",
  limit: "1",
  scope: '"entries"',
  stop_exits: "false",
  cancel_working: "false",
  reason: '"odd prices"',
  query: '"AAPL"',
  period: '"1mo"',
  bar: '"1d"',
};

export interface HostileValue {
  /** JSON text: much of what is hostile cannot be written by a serializer. */
  json: string;
  /** The kinds for which this value can be meant; see `canBeMeant`. */
  means?: Kind[];
}

/** Whether the value can be meant for this kind of argument, and is read on instead of refused. */
export function canBeMeant({ json, means = [] }: HostileValue, kind: Kind): boolean {
  if (means.includes(kind)) return true;
  const value: unknown = JSON.parse(json);
  if (typeof value !== "string") return false;
  // Keys and free text never become a part of a request; text is stripped of what cannot be seen.
  if (kind === "key") return /^[A-Za-z0-9._:-]{1,64}$/.test(value);
  // A search takes words, and sends them inside of a query string, encoded.
  if (kind === "query") {
    return /^[A-Za-z0-9][A-Za-z0-9 .,&'/:@-]{0,63}$/.test(value.trim()) && !value.includes("..");
  }
  return kind === "text" && value.trim() !== "" && value.length <= 200;
}

const SYMBOL_AND_ID: Kind[] = ["symbol", "order_id"];
const text = (value: string, ...means: Kind[]): HostileValue => ({ json: JSON.stringify(value), means });
const raw = (json: string, ...means: Kind[]): HostileValue => ({ json, means });

export const HOSTILE_VALUES: HostileValue[] = [
  // Numbers that are none.
  raw("1e999"),
  raw("-1e999"),
  text("NaN", ...SYMBOL_AND_ID),
  text("Infinity", ...SYMBOL_AND_ID),
  text("-Infinity"),
  // Signs and nothing.
  raw("-1"),
  text("-1"),
  text("+1"),
  raw("0", "seconds"),
  raw("-0", "seconds"),
  text("0", ...SYMBOL_AND_ID),
  text("-0"),
  text("0.0", ...SYMBOL_AND_ID),
  // Huge and tiny.
  raw("1e308"),
  raw("1e13"),
  raw("9007199254740993"),
  raw(`1${"0".repeat(400)}`),
  text("1000000000001", ...SYMBOL_AND_ID),
  text(`1${"0".repeat(60)}`, "order_id"),
  raw("1e-13", "seconds"),
  raw(`0.${"123456789".repeat(7)}`, "seconds"),
  text(`1.${"0".repeat(59)}1`, "order_id"),
  text("1.0000000000001", ...SYMBOL_AND_ID),
  // Other ways to write one.
  text("1e3", ...SYMBOL_AND_ID),
  text("1E-7", ...SYMBOL_AND_ID),
  text("1,000"),
  text("1.000,00"),
  text("1_000", "order_id"),
  text("1 000", "symbol"),
  text("1'000"),
  text("0x10", ...SYMBOL_AND_ID),
  text("1n", ...SYMBOL_AND_ID),
  text("01", ...SYMBOL_AND_ID),
  text("1.", "order_id"),
  text(".5"),
  text("１"),
  text("١"),
  text("½"),
  text("$1"),
  text("1%"),
  // Blanks and nothing.
  text(""),
  text(" "),
  text("\t\n"),
  text("\u00a0"),
  text("1\u00a0000"),
  raw("null"),
  // Other types.
  raw("true", "flag"),
  raw("false", "flag"),
  raw("[]"),
  raw("[1]"),
  raw("[[]]"),
  raw('["AAPL"]', "symbols"),
  raw("{}"),
  raw('{"toString":"1"}'),
  raw('{"$gt":0}'),
  raw('{"value":1}'),
  raw(`${"[".repeat(10_000)}${"]".repeat(10_000)}`),
  // Long.
  text("A".repeat(5_000)),
  text("9".repeat(5_000)),
  text(`${" ".repeat(5_000)}`),
  raw(`[${'"AAPL",'.repeat(5_000)}"AAPL"]`),
  // What a person cannot see.
  text("AAPL\u202e"),
  text("\u2066AAPL\u2069"),
  text("AA\u200bPL"),
  text("AAPL\u0000"),
  text("AA\u001b[31mPL"),
  text("AAPL\r\nX-Header: 1"),
  text("AA\u2028PL"),
  text("А\u0410PL"),
  raw('"\\ud800"', "text"),
  text("\u{e0041}\u{e0042}"),
  text("😀"),
  // Ways out of a path.
  text("."),
  text(".."),
  text("../../logout"),
  text("..\\..\\logout"),
  text("%2e%2e%2flogout"),
  text("..%2f..%2flogout"),
  text("%252e%252e%252f"),
  text("1/../../logout"),
  text("1/.."),
  text("1..2"),
  text("..;/logout"),
  text("/1"),
  text("1?force=true"),
  text("1#x"),
  text("1;x=1"),
  text("1&x=1"),
  text("1%00"),
  text("https://example.com/"),
  text("file:///etc/passwd"),
  // What other languages would run.
  text("__proto__"),
  text("constructor", ...SYMBOL_AND_ID),
  text("toString", ...SYMBOL_AND_ID),
  text("<script>alert(1)</script>"),
  text("'; DROP TABLE orders; --"),
  text("`reboot`"),
  text("{{7*7}}"),
  text("$(reboot)"),
  // Of another venue.
  text("BTC/USDT:USDT", "symbol"),
];

/** Wrong names for an argument: each has to be told, and none may be taken for the argument or for nothing. */
export function misspellings(name: string): string[] {
  const camel = name.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());
  const names = [
    name.slice(0, -1),
    `${name}s`,
    name.toUpperCase(),
    camel,
    name.replaceAll("_", "-"),
    ` ${name}`,
    `${name} `,
    `${name}\u200b`,
    `\u202e${name}`,
    name.replace(/[aeo]/, (letter) => ({ a: "а", e: "е", o: "о" })[letter] ?? letter),
  ];
  return [...new Set(names)].filter((each) => each !== name);
}

export const EXTRA_NAMES = [
  "note",
  "dry_run",
  "account_id",
  "confirm",
  "allow_live",
  "mode",
  "",
  " ",
  "0",
  "__proto__",
  "constructor",
  "prototype",
  "toString",
  "hasOwnProperty",
  "k".repeat(5_000),
  "\u202egnp.exe",
  "\u0000",
];
