import { describe, expect, test } from "vitest";
import { call, dataOf } from "../testing/call.ts";
import { testContext, testVenue } from "../testing/venue.ts";
import { catalog, listedTools } from "./catalog.ts";
import { listTool, type Tool } from "./define-tool.ts";

/** Arguments with which every tool succeeds over the venue in memory. */
const EXAMPLES: Record<string, object> = {
  session_status: {},
  market_status: { symbol: "AAPL" },
  get_quote: { symbol: "AAPL" },
  get_quotes: { symbols: ["AAPL", "MSFT"] },
  price_history: { symbol: "AAPL" },
  search_instruments: { query: "apple" },
  account_summary: {},
  positions: {},
  portfolio: {},
  preview_order: { symbol: "AAPL", side: "BUY", quantity: 1 },
  buy: { symbol: "AAPL", quantity: 1 },
  sell: { symbol: "AAPL", quantity: 1 },
  close_position: { symbol: "AAPL" },
  stop_order: { symbol: "AAPL", side: "SELL", quantity: 1, stop_price: 170 },
  trailing_stop: { symbol: "AAPL", side: "SELL", quantity: 1, trail_percent: 5 },
  bracket_order: { symbol: "AAPL", side: "BUY", quantity: 1, take_profit: 200, stop_loss: 170 },
  order_status: { order_id: "1" },
  wait_for_fill: { order_id: "1" },
  cancel_order: { order_id: "1" },
  cancel_all_orders: {},
  open_orders: {},
  trade_history: {},
  reconcile_pending: {},
  halt_trading: {},
};

const ORDER_TOOLS = [
  "buy",
  "sell",
  "close_position",
  "stop_order",
  "trailing_stop",
  "bracket_order",
  "cancel_order",
  "cancel_all_orders",
];

test("the list is the agreed one, in a fixed order", () => {
  expect(catalog.map(({ name }) => name)).toEqual(Object.keys(EXAMPLES));
  expect(JSON.stringify(catalog.map(listTool))).toBe(JSON.stringify(catalog.map(listTool)));
});

test("the whole list is small enough for every client", () => {
  expect(JSON.stringify({ tools: catalog.map(listTool) }).length).toBeLessThan(catalog.length * 1_500);
});

describe.each(catalog.map((tool) => [tool.name, tool] as const))("%s", (name, tool) => {
  const listing = listTool(tool);

  test("has a root that every client takes", () => {
    for (const schema of [listing.inputSchema, listing.outputSchema]) {
      expect(schema.type).toBe("object");
      for (const keyword of ["$schema", "anyOf", "oneOf", "allOf", "$ref"])
        expect(schema).not.toHaveProperty(keyword);
      expect(JSON.stringify(schema)).not.toMatch(/"items":false|"\$ref"|"\$defs"/);
    }
    expect(listing.inputSchema.additionalProperties).toBe(false);
    expect(JSON.stringify(listing.outputSchema)).not.toContain('"additionalProperties":false');
  });

  test("describes itself and every argument, briefly", () => {
    expect(tool.description.length).toBeLessThan(600);
    const properties = listing.inputSchema.properties as Record<string, { description?: string }>;
    for (const [argument, { description }] of Object.entries(properties)) {
      expect(description, argument).toMatch(/\S/);
    }
  });

  test("names other tools by names that exist", () => {
    const words = tool.description.match(/\b[a-z]+(?:_[a-z]+)+\b/g) ?? [];
    const toolLike = words.filter((word) =>
      /_(?:order|orders|status|position|quote|quotes|fill|history|summary)$/.test(word),
    );
    for (const word of toolLike) expect([...Object.keys(EXAMPLES), "unrealized_pnl"]).toContain(word);
  });

  test("answers only fields that its output declares", async () => {
    const data = await dataOf(name, EXAMPLES[name]);
    expect(Object.keys(tool.output.shape)).toEqual(expect.arrayContaining(Object.keys(data)));
    expect(tool.output.partial().safeParse(data).error).toBeUndefined();
  });

  test("M21: is an order tool exactly if it writes", () => {
    expect(tool.kind === "order").toBe(ORDER_TOOLS.includes(name));
    expect(tool.annotations.readOnlyHint).toBe(tool.kind === "read");
  });
});

test("H13: what only the operator may do is no tool", () => {
  const operators = /resolve|resume|accept|\barm|unlock|override|approve|config|setting/;
  expect(catalog.map(({ name }) => name).filter((name) => operators.test(name))).toEqual([]);
  const switches = catalog
    .flatMap(({ input }) => Object.keys(input.shape))
    .filter((key) => operators.test(key));
  expect(switches).toEqual([]);
});

test("S32: read mode neither lists nor serves an order tool", async () => {
  const names = (tools: Tool[]) => tools.map(({ name }) => name);
  expect(names(listedTools(catalog, true))).toEqual(
    names([...catalog]).filter((name) => !ORDER_TOOLS.includes(name)),
  );
  expect(listedTools(catalog, false)).toEqual(catalog);
  const venue = testVenue();
  for (const name of ORDER_TOOLS) {
    const envelope = await call(name, EXAMPLES[name], testContext(venue, { readOnly: true }));
    expect(envelope).toMatchObject({ ok: false, error: { code: "read_only" } });
  }
  expect(venue.calls).toEqual([]);
});
