import { createHash, createHmac } from "node:crypto";
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";
import { Agent, request } from "undici";
import type { SimulatedExchange } from "./simulated-exchange.ts";

/** An answer as a test wants to look at it. */
export interface ExchangeAnswer {
  status: number;
  headers: Record<string, string | string[] | undefined>;
  text: string;
  /** Parsed JSON, or undefined. */
  // biome-ignore lint/suspicious/noExplicitAny: assertions reach into shapes that are the test's subject.
  json: any;
}

type Values = Record<string, string | number>;

/** What a client that signs has to know of an exchange. */
type Signer = Pick<SimulatedExchange, "baseUrl" | "keys"> & { clock: { now(): number } };

async function send(
  agent: Agent,
  url: string,
  options: { method: string; body?: string; headers?: Record<string, string> },
): Promise<ExchangeAnswer> {
  const response = await request(url, {
    method: options.method as "GET",
    dispatcher: agent,
    headers: { "content-type": "application/x-www-form-urlencoded", ...options.headers },
    ...(options.body === undefined ? {} : { body: options.body }),
  });
  const text = await response.body.text();
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    json = undefined;
  }
  return { status: response.statusCode, headers: response.headers, text, json };
}

function encode(values: Values): string {
  const form = new URLSearchParams();
  for (const [name, value] of Object.entries(values)) form.append(name, String(value));
  return form.toString();
}

/** Signs as Binance wants it, with the simulator's own time unless a timestamp is given. */
export function binanceClient(exchange: Signer) {
  const agent = new Agent();
  const { apiKey, apiSecret } = exchange.keys;
  const signed = (method: string, path: string, values: Values = {}) => {
    const query = encode({ timestamp: exchange.clock.now(), ...values });
    const signature = createHmac("sha256", apiSecret).update(query).digest("hex");
    const text = `${query}&signature=${signature}`;
    const headers = { "x-mbx-apikey": apiKey };
    return method === "POST"
      ? send(agent, `${exchange.baseUrl}${path}`, { method, body: text, headers })
      : send(agent, `${exchange.baseUrl}${path}?${text}`, { method, headers });
  };
  return {
    signed,
    open: (path: string, headers: Record<string, string> = {}) =>
      send(agent, `${exchange.baseUrl}${path}`, { method: "GET", headers }),
    order: (values: Values) => signed("POST", "/api/v3/order", { symbol: "BTCUSDT", ...values }),
    // Not close(): a test may have left a request without an answer on purpose.
    close: () => agent.destroy(),
  };
}

/** Signs as Kraken wants it; nonces count up from the simulator's time. */
export function krakenClient(exchange: Signer) {
  const agent = new Agent();
  const { apiKey, apiSecret } = exchange.keys;
  let calls = 0;
  const call = (name: string, values: Values = {}) => {
    calls += 1;
    const path = `/0/private/${name}`;
    const nonce = values.nonce ?? exchange.clock.now() * 1_000 + calls;
    const body = encode({ ...values, nonce });
    const inner = createHash("sha256").update(`${nonce}${body}`).digest();
    const sign = createHmac("sha512", Buffer.from(apiSecret, "base64"))
      .update(Buffer.concat([Buffer.from(path), inner]))
      .digest("base64");
    const headers = { "api-key": apiKey, "api-sign": sign };
    return send(agent, `${exchange.baseUrl}${path}`, { method: "POST", body, headers });
  };
  return {
    call,
    open: (name: string, values: Values = {}) =>
      send(agent, `${exchange.baseUrl}/0/public/${name}?${encode(values)}`, { method: "GET" }),
    order: (values: Values) => call("AddOrder", { pair: "XBTUSD", ...values }),
    close: () => agent.destroy(),
  };
}

/** The real CCXT class of an exchange, by its file, pointed at the simulator. */
// biome-ignore lint/suspicious/noExplicitAny: CCXT's own types cost the compiler seconds and say little.
export async function realCcxt(exchange: SimulatedExchange): Promise<any> {
  const entry = createRequire(import.meta.url).resolve("ccxt");
  const root = entry.replace(/[/\\](?:dist|js)[/\\].*$/, "");
  const file = pathToFileURL(`${root}/js/src/${exchange.kind}.js`).href;
  // biome-ignore lint/suspicious/noExplicitAny: the same.
  const module = (await import(/* @vite-ignore */ file)) as { default: new (options: object) => any };
  const url = exchange.baseUrl;
  const api =
    exchange.kind === "binance"
      ? { public: `${url}/api/v3`, private: `${url}/api/v3`, sapi: `${url}/sapi/v1` }
      : { public: url, private: url };
  const client = new module.default({
    apiKey: exchange.keys.apiKey,
    secret: exchange.keys.apiSecret,
    enableRateLimit: false,
    timeout: 2_000,
    urls: { api },
    options: {
      fetchMargins: false,
      fetchMarkets: { types: ["spot"] },
      warnOnFetchOpenOrdersWithoutSymbol: false,
      recvWindow: 10_000,
    },
  });
  client.number = String;
  if (exchange.kind === "binance") client.has.fetchCurrencies = false;
  // The simulator's time, and for each call another nonce.
  let calls = 0;
  client.milliseconds = () => exchange.clock.now();
  client.nonce = () => {
    calls += 1;
    return exchange.kind === "binance" ? exchange.clock.now() : exchange.clock.now() * 1_000 + calls;
  };
  return client;
}
