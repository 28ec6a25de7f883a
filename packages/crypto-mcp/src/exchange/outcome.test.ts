import type { ServerResponse } from "node:http";
import type { DispatchGate } from "trading-core/ports/broker";
import { afterEach, describe, expect, it } from "vitest";
import { type CaptureServer, json, startCaptureServer } from "../testing/capture-server.ts";
import { exchangeAt, intentFor, marketFor, writing } from "../testing/orders.ts";
import type { ExchangeId } from "./profile.ts";
import { prepareOrder, submitOrder } from "./submit.ts";

const GO: DispatchGate = { isExit: false, begin: () => Promise.resolve({ kind: "go" }) };

let server: CaptureServer | null = null;
afterEach(async () => {
  await server?.close();
  server = null;
});

async function send(id: ExchangeId, answer: (response: ServerResponse) => void, gate = GO) {
  server = await startCaptureServer((_request, response) => answer(response));
  const exchange = await exchangeAt(id, server.base);
  const prepared = prepareOrder(exchange, intentFor(id, { cashAmount: "100" }), marketFor(id));
  const outcome = await submitOrder(writing(exchange), marketFor(id), prepared, gate);
  return { outcome, requests: server.requests };
}

const answer = (body: unknown, status = 200) => {
  return (response: ServerResponse) => json(response, body, status);
};
const text = (body: string, status = 200) => {
  return (response: ServerResponse) => void response.writeHead(status).end(body);
};
const error = (...codes: string[]) => answer({ error: codes });

/** What the exchange does with the order, and what may be said of it: only proof makes it rejected (C7). */
const BINANCE: [what: string, reply: (response: ServerResponse) => void, kind: string, code?: string][] = [
  ["closes the connection", (response) => void response.destroy(), "unknown"],
  [
    "breaks off in the middle of its answer",
    (response) => {
      response.writeHead(200, { "content-length": "400" });
      response.write('{"symbol":"BTCUSDT",');
      setImmediate(() => response.destroy());
    },
    "unknown",
  ],
  ["answers nothing", text(""), "unknown"],
  ["answers a web page", text("<html>hello</html>"), "unknown"],
  ["answers an empty object", answer({}), "unknown"],
  ["answers null", text("null"), "unknown"],
  ["answers for another order", answer({ orderId: 1, clientOrderId: "other", status: "NEW" }), "unknown"],
  ["answers an id that is none", answer({ orderId: "x y", status: "NEW" }), "unknown"],
  ["answers 503", answer({ code: -1001, msg: "Internal error; unable to process" }, 503), "unknown"],
  ["answers 502 with a page", text("<html>Bad gateway</html>", 502), "unknown"],
  ["answers 504", text("", 504), "unknown"],
  [
    "answers 503 with a refusal that another gateway made up",
    answer({ code: -2010, msg: "Account has insufficient balance for requested action." }, 503),
    "unknown",
  ],
  ["answers 401 without a word", text("", 401), "unknown"],
  [
    "says that the status is unknown",
    answer({ code: -1006, msg: "An unexpected response; execution status unknown." }, 400),
    "unknown",
  ],
  [
    "says that it timed out",
    answer({ code: -1007, msg: "Timeout waiting for response from backend server." }, 400),
    "unknown",
  ],
  ["says that the id is taken", answer({ code: -2010, msg: "Duplicate order sent." }, 400), "unknown"],
  ["says what nobody knows", answer({ code: -9999, msg: "Something else." }, 400), "unknown"],
  ["answers 403 with a page", text("<html>blocked</html>", 403), "unknown"],
  ["sends elsewhere", (response) => void response.writeHead(302, { location: "/else" }).end(), "unknown"],
  [
    "says that funds are missing",
    answer({ code: -2010, msg: "Account has insufficient balance for requested action." }, 400),
    "rejected",
  ],
  ["says that a filter failed", answer({ code: -1013, msg: "Filter failure: LOT_SIZE" }, 400), "rejected"],
  [
    "says that the stop would fire at once",
    answer({ code: -2010, msg: "Stop price would trigger immediately." }, 400),
    "rejected",
  ],
  [
    "refuses the key",
    answer({ code: -2015, msg: "Invalid API-key, IP, or permissions for action." }, 401),
    "rejected",
    "key_refused",
  ],
  [
    "refuses the time",
    answer({ code: -1021, msg: "Timestamp for this request is outside of the recvWindow." }, 400),
    "rejected",
    "clock_or_nonce",
  ],
  [
    "asks for fewer requests",
    answer({ code: -1003, msg: "Too many requests." }, 429),
    "rejected",
    "rate_limited",
  ],
];

const KRAKEN: typeof BINANCE = [
  ["closes the connection", (response) => void response.destroy(), "unknown"],
  ["answers an empty object", answer({}), "unknown"],
  ["answers a result without an id", answer({ error: [], result: { txid: [] } }), "unknown"],
  [
    "answers two ids",
    answer({ error: [], result: { txid: ["OUF4EM-FRGI2-MQMWZD", "OUF4EM-FRGI2-MQMWZE"] } }),
    "unknown",
  ],
  ["says that it failed inside", error("EGeneral:Internal error"), "unknown"],
  ["says that it is unavailable", error("EService:Unavailable"), "unknown"],
  ["says what nobody knows", error("EOrder:Something new"), "unknown"],
  ["answers 520", text("", 520), "unknown"],
  ["says that funds are missing", error("EOrder:Insufficient funds"), "rejected"],
  ["says that the order is too small", error("EOrder:Order minimum not met"), "rejected"],
  ["refuses the nonce", error("EAPI:Invalid nonce"), "rejected", "clock_or_nonce"],
  ["refuses the key", error("EAPI:Invalid key"), "rejected", "key_refused"],
  ["asks for fewer orders", error("EOrder:Rate limit exceeded"), "rejected", "rate_limited"],
  ["takes no new orders", error("EService:Market in cancel_only mode"), "rejected", "exchange_unavailable"],
];

describe.each([
  ["binance", BINANCE],
  ["kraken", KRAKEN],
] as const)("an order to %s, which", (id, cases) => {
  it.each(cases)("%s", async (_what, reply, kind, code) => {
    const { outcome, requests } = await send(id, reply);
    expect(outcome.kind).toBe(kind);
    if (outcome.kind === "rejected") expect(outcome.turnedAway?.code).toBe(code);
    // H8: whatever came back, nothing was sent a second time.
    expect(requests).toHaveLength(1);
    // M14: signed addresses and keys are in no message.
    expect(JSON.stringify(outcome)).not.toMatch(/signature|recvWindow=|test-key|http:/);
  });
});

describe("an order", () => {
  it("whose connection broke is told so", async () => {
    const { outcome } = await send("binance", (response) => void response.destroy());
    expect(outcome).toMatchObject({ kind: "unknown", reason: expect.stringMatching(/connection was lost/) });
  });

  it("C4: is refused before anything is decided on it, when its request would be another order", async () => {
    const exchange = await exchangeAt("binance", "http://127.0.0.1:1");
    const sign = exchange.api.sign.bind(exchange.api);
    exchange.api.sign = (path, api, method, params) => sign(path, api, method, { ...params, side: "SELL" });
    expect(() =>
      prepareOrder(exchange, intentFor("binance", { cashAmount: "100" }), marketFor("binance")),
    ).toThrow(expect.objectContaining({ code: "wire_mismatch" }));
  });

  it("is not sent when the last look stops it", async () => {
    const stop: DispatchGate = {
      isExit: false,
      begin: () => Promise.resolve({ kind: "stop", code: "trading_state_changed", reason: "halted" }),
    };
    const { outcome, requests } = await send("binance", answer({}), stop);
    expect(outcome).toEqual({ kind: "not_sent", code: "trading_state_changed", reason: "halted" });
    expect(requests).toEqual([]);
  });

  it("was not sent where nobody listens", async () => {
    const exchange = await exchangeAt("binance", "http://127.0.0.1:1");
    const prepared = prepareOrder(
      exchange,
      intentFor("binance", { cashAmount: "100" }),
      marketFor("binance"),
    );
    const outcome = await submitOrder(writing(exchange), marketFor("binance"), prepared, GO);
    expect(outcome).toMatchObject({ kind: "not_sent", code: "unreachable" });
  });

  it("is not sent to a host that is not the configured one, whatever a table of addresses says", async () => {
    server = await startCaptureServer((_request, response) => json(response, {}));
    const exchange = await exchangeAt("binance", "http://127.0.0.1:1");
    exchange.api.urls.api.private = `${server.base}/api/v3`;
    const prepared = prepareOrder(
      exchange,
      intentFor("binance", { cashAmount: "100" }),
      marketFor("binance"),
    );
    const outcome = await submitOrder(writing(exchange), marketFor("binance"), prepared, GO);
    expect(outcome).toMatchObject({ kind: "not_sent", code: "wrong_host" });
    expect(server.requests).toEqual([]);
  });

  it("C4: is stopped in its last form, should it have changed since it was prepared", async () => {
    server = await startCaptureServer((_request, response) => json(response, {}));
    const exchange = await exchangeAt("binance", server.base);
    const order = intentFor("binance", {
      side: "SELL",
      orderType: "stop",
      quantity: "1",
      stopPrice: "45000",
    });
    const prepared = prepareOrder(exchange, order, marketFor("binance"));
    const sign = exchange.api.sign.bind(exchange.api);
    exchange.api.sign = (path, api, method, { stopPrice: _lost, ...params }) =>
      sign(path, api, method, { ...params, type: "MARKET" });
    const outcome = await submitOrder(writing(exchange), marketFor("binance"), prepared, GO);
    expect(outcome).toMatchObject({ kind: "not_sent", code: "wire_mismatch" });
    expect(server.requests).toEqual([]);
  });

  it("is acknowledged with what was filled, its id naming its market (M16)", async () => {
    const { outcome } = await send(
      "binance",
      answer({
        symbol: "BTCUSDT",
        orderId: 28,
        clientOrderId: "ab12cdefghijklmnop",
        transactTime: 1_700_000_000_000,
        price: "0.00000000",
        origQty: "0.00199000",
        executedQty: "0.00199000",
        cummulativeQuoteQty: "99.50000000",
        status: "FILLED",
        timeInForce: "GTC",
        type: "MARKET",
        side: "BUY",
        fills: [],
      }),
    );
    expect(outcome).toMatchObject({
      kind: "acknowledged",
      orderId: "BTCUSDT-28",
      order: {
        status: "filled",
        instrumentId: "BTC",
        symbol: "BTC/USDT",
        clientOrderId: "ab12cdefghijklmnop",
      },
    });
    if (outcome.kind !== "acknowledged") throw new Error("not acknowledged");
    expect(outcome.order?.filledQuantity?.toFixed()).toBe("0.00199");
    expect(outcome.order?.averagePrice?.toFixed()).toBe("50000");
  });

  it("is acknowledged by a receipt with nothing but an id", async () => {
    const { outcome } = await send(
      "kraken",
      answer({ error: [], result: { txid: ["OUF4EM-FRGI2-MQMWZD"] } }),
    );
    expect(outcome).toMatchObject({ kind: "acknowledged", orderId: "OUF4EM-FRGI2-MQMWZD", order: null });
  });
});
