import { decimal } from "trading-core/domain/money";
import type { DispatchGate } from "trading-core/ports/broker";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type CaptureServer, json, startCaptureServer } from "../../testing/capture-server.ts";
import { exchangeAt, intentFor, marketFor, NOW, writing } from "../../testing/orders.ts";
import type { Exchange } from "../load-exchange.ts";
import type { ExchangeId } from "../profile.ts";
import { prepareOrder, submitOrder, validateOrder } from "../submit.ts";

const GO: DispatchGate = { isExit: false, begin: () => Promise.resolve({ kind: "go" }) };

type Order = Parameters<typeof intentFor>[1];

/** What left for the exchange, to the last byte; a new form is verified by its request here. */
const CAPTURED: Record<ExchangeId, [form: string, order: Order, params: Record<string, string>][]> = {
  binance: [
    ["a buy by amount", { cashAmount: "100" }, { side: "BUY", type: "MARKET", quoteOrderQty: "100" }],
    [
      "S22: a market buy by quantity, as a limit at its bound",
      { quantity: "0.002", priceBound: "52500" },
      { side: "BUY", type: "LIMIT", quantity: "0.002", price: "52500", timeInForce: "IOC" },
    ],
    [
      "a market sell",
      { side: "SELL", quantity: "0.002" },
      { side: "SELL", type: "MARKET", quantity: "0.002" },
    ],
    [
      "a limit",
      { orderType: "limit", quantity: "0.00001", limitPrice: "49999.99" },
      { side: "BUY", type: "LIMIT", quantity: "0.00001", price: "49999.99", timeInForce: "GTC" },
    ],
    [
      "a limit filled at once or not at all",
      { orderType: "limit", quantity: "1", limitPrice: "49999.99", timeInForce: "IOC" },
      { side: "BUY", type: "LIMIT", quantity: "1", price: "49999.99", timeInForce: "IOC" },
    ],
    [
      "a stop",
      { side: "SELL", orderType: "stop", quantity: "0.002", stopPrice: "45000" },
      { side: "SELL", type: "STOP_LOSS", quantity: "0.002", stopPrice: "45000" },
    ],
    [
      "a stop with a limit",
      { side: "SELL", orderType: "stop_limit", quantity: "0.002", stopPrice: "45000", limitPrice: "44900" },
      {
        side: "SELL",
        type: "STOP_LOSS_LIMIT",
        quantity: "0.002",
        stopPrice: "45000",
        price: "44900",
        timeInForce: "GTC",
      },
    ],
    [
      "a trailing stop",
      { side: "SELL", orderType: "trailing_stop", quantity: "0.002", trailPercent: "5.25" },
      { side: "SELL", type: "STOP_LOSS", quantity: "0.002", trailingDelta: "525" },
    ],
  ],
  kraken: [
    [
      "a buy by amount",
      { cashAmount: "100" },
      { type: "buy", ordertype: "market", volume: "100", oflags: "viqc" },
    ],
    [
      "S22: a market buy by quantity, as a limit at its bound",
      { quantity: "0.002", priceBound: "52500" },
      { type: "buy", ordertype: "limit", volume: "0.002", price: "52500", timeinforce: "IOC" },
    ],
    [
      "a market sell",
      { side: "SELL", quantity: "0.002" },
      { type: "sell", ordertype: "market", volume: "0.002" },
    ],
    [
      "a limit",
      { orderType: "limit", quantity: "0.00001", limitPrice: "49999.9" },
      { type: "buy", ordertype: "limit", volume: "0.00001", price: "49999.9", timeinforce: "GTC" },
    ],
    [
      "a limit filled at once or not at all",
      { orderType: "limit", quantity: "1", limitPrice: "49999.9", timeInForce: "IOC" },
      { type: "buy", ordertype: "limit", volume: "1", price: "49999.9", timeinforce: "IOC" },
    ],
    [
      "C4: a stop, its trigger where Kraken reads one",
      { side: "SELL", orderType: "stop", quantity: "0.002", stopPrice: "45000" },
      { type: "sell", ordertype: "stop-loss", volume: "0.002", price: "45000", timeinforce: "GTC" },
    ],
    [
      "C4: a stop with a limit",
      { side: "SELL", orderType: "stop_limit", quantity: "0.002", stopPrice: "45000", limitPrice: "44900" },
      {
        type: "sell",
        ordertype: "stop-loss-limit",
        volume: "0.002",
        price: "45000",
        price2: "44900",
        timeinforce: "GTC",
      },
    ],
    [
      "a trailing stop in percent",
      { side: "SELL", orderType: "trailing_stop", quantity: "0.002", trailPercent: "5.25" },
      {
        type: "sell",
        ordertype: "trailing-stop",
        volume: "0.002",
        price: "+5.25%",
        trigger: "last",
        timeinforce: "GTC",
      },
    ],
    [
      "a trailing stop at a distance in price",
      { side: "SELL", orderType: "trailing_stop", quantity: "0.002", trailAmount: "250" },
      {
        type: "sell",
        ordertype: "trailing-stop",
        volume: "0.002",
        price: "+250",
        trigger: "last",
        timeinforce: "GTC",
      },
    ],
  ],
};

const ALWAYS: Record<ExchangeId, Record<string, string>> = {
  binance: {
    symbol: "BTCUSDT",
    newClientOrderId: "ab12cdefghijklmnop",
    newOrderRespType: "FULL",
    timestamp: String(Date.parse("2026-03-02T15:00:00Z")),
    recvWindow: "10000",
  },
  kraken: {
    pair: "XBTUSDT",
    cl_ord_id: "ab12cdefghijklmnop",
  },
};

const PATHS: Record<ExchangeId, string> = { binance: "/api/v3/order", kraken: "/0/private/AddOrder" };

const ANSWERS: Record<ExchangeId, unknown> = {
  binance: {
    symbol: "BTCUSDT",
    orderId: 28,
    clientOrderId: "ab12cdefghijklmnop",
    transactTime: 1,
    price: "0",
    origQty: "0.002",
    executedQty: "0",
    status: "NEW",
    type: "LIMIT",
    side: "BUY",
  },
  kraken: { error: [], result: { descr: { order: "" }, txid: ["OUF4EM-FRGI2-MQMWZD"] } },
};

describe.each(["binance", "kraken"] as const)("what leaves for %s", (id) => {
  let server: CaptureServer;
  let exchange: Exchange;
  beforeAll(async () => {
    server = await startCaptureServer((_request, response) => json(response, ANSWERS[id]));
    exchange = await exchangeAt(id, server.base);
  });
  afterAll(() => server.close());

  it.each(CAPTURED[id])("%s", async (_form, order, params) => {
    const intent = intentFor(id, order);
    server.requests.length = 0;
    await submitOrder(writing(exchange), marketFor(id), prepareOrder(exchange, intent, marketFor(id)), GO);
    expect(server.requests).toHaveLength(1);
    const [request] = server.requests;
    expect(request).toMatchObject({ method: "POST", path: PATHS[id] });
    const { signature, nonce, ...sent } = request?.params ?? {};
    expect(sent).toEqual({ ...ALWAYS[id], ...params });
    // Ascending from the clock on, so that two requests of one instant do not bear the same.
    if (id === "kraken") expect(Number(nonce)).toBeGreaterThanOrEqual(NOW);
    expect(typeof (signature ?? request?.headers["api-sign"])).toBe("string");
    expect(request?.headers["x-mbx-apikey"] ?? request?.headers["api-key"]).toBe("test-key");
  });

  it("shows in a dry run the request that would leave, without its signature", () => {
    const { request } = prepareOrder(exchange, intentFor(id, { cashAmount: "100" }), marketFor(id));
    expect(request).toMatchObject({ method: "POST", path: PATHS[id] });
    expect(JSON.stringify(request)).not.toMatch(/sign|api-?key|nonce|timestamp/i);
  });

  it("asks for the exchange's opinion in a request that places nothing", async () => {
    server.requests.length = 0;
    const opinion = await validateOrder(
      writing(exchange),
      marketFor(id),
      intentFor(id, { cashAmount: "100" }),
    );
    expect(opinion).toEqual({ refusal: null });
    const [request] = server.requests;
    if (id === "binance") expect(request?.path).toBe("/api/v3/order/test");
    else expect(request?.params.validate).toBe("true");
  });

  it.each([
    ["a day order", { orderType: "limit", quantity: "1", limitPrice: "5", timeInForce: "DAY" }, "GTC"],
    [
      "a stop that lasts a moment",
      { side: "SELL", orderType: "stop", quantity: "1", stopPrice: "5", timeInForce: "IOC" },
      "GTC",
    ],
  ] as [string, Order, string][])("refuses %s, and says what to use instead", (_what, order, instead) => {
    const act = () => prepareOrder(exchange, intentFor(id, order), marketFor(id));
    expect(act).toThrow(
      expect.objectContaining({ code: "not_supported", nextStep: expect.stringContaining(instead) }),
    );
  });

  it.each([
    ["a sell by amount", { side: "SELL", cashAmount: "100" }],
    ["a trailing stop without a distance", { side: "SELL", orderType: "trailing_stop", quantity: "1" }],
    ["a distance on another order", { quantity: "1", trailPercent: "5" }],
    ["both sizes", { quantity: "1", cashAmount: "100" }],
    ["no size", {}],
    ["a limit order without a limit", { orderType: "limit", quantity: "1" }],
    [
      "a stop with a limit price that nobody asked for",
      { orderType: "stop", quantity: "1", stopPrice: "5", limitPrice: "4" },
    ],
    ["a quantity of nothing", { quantity: "0" }],
  ] as [string, Order][])("builds no order from %s", (_what, order) => {
    const act = () => prepareOrder(exchange, intentFor(id, order), marketFor(id));
    expect(act).toThrow(expect.objectContaining({ code: "invalid_order" }));
  });
});

describe("an entry with its exits", () => {
  it.each(["binance", "kraken"] as const)("is refused at %s, and not sent as the entry alone", async (id) => {
    const exchange = await exchangeAt(id, "http://127.0.0.1:1");
    const entry = intentFor(id, { orderType: "limit", quantity: "1", limitPrice: "100" });
    const prices = { takeProfit: decimal(120), stopLoss: decimal(90) };
    const exits = { ...prices, takeProfitId: "ab12cdefghijklmn01", stopLossId: "ab12cdefghijklmn02" };
    expect(() => prepareOrder(exchange, { ...entry, exits }, marketFor(id))).toThrow(
      expect.objectContaining({ code: "not_supported" }),
    );
  });
});

describe("Binance's trailing stops", () => {
  it.each([
    ["a distance in price", { trailAmount: "250" }, "trail_percent"],
    ["a finer share than it takes", { trailPercent: "5.255" }, "fewer digits"],
  ] as [string, Order, string][])("refuse %s, and say what to use instead", async (_what, trail, instead) => {
    const exchange = await exchangeAt("binance", "http://127.0.0.1:1");
    const order = { side: "SELL", orderType: "trailing_stop", quantity: "1", ...trail } as const;
    expect(() => prepareOrder(exchange, intentFor("binance", order), marketFor("binance"))).toThrow(
      expect.objectContaining({ code: "not_supported", nextStep: expect.stringContaining(instead) }),
    );
  });
});

describe("Binance's list of order types", () => {
  it("refuses a stop where the pair takes none, and offers the one with a limit", async () => {
    const exchange = await exchangeAt("binance", "http://127.0.0.1:1");
    const market = marketFor("binance", {
      info: { orderTypes: ["LIMIT", "MARKET", "STOP_LOSS_LIMIT"], isSpotTradingAllowed: true },
    });
    const stop = intentFor("binance", { side: "SELL", orderType: "stop", quantity: "1", stopPrice: "5" });
    expect(() => prepareOrder(exchange, stop, market)).toThrow(
      expect.objectContaining({ code: "not_supported", nextStep: expect.stringContaining("limit_price") }),
    );
  });
});
