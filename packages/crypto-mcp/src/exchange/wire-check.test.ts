import { describe, expect, it } from "vitest";
import { exchangeAt, intentFor, marketFor } from "../testing/orders.ts";
import type { SignedRequest } from "./ccxt.ts";
import { type ExchangeId, profiles } from "./profile.ts";
import { checkOnWire } from "./wire-check.ts";

const nowhere = "http://127.0.0.1:1";
const ids: ExchangeId[] = ["binance", "kraken"];

/** A protective stop as it should leave, signed, with one thing in it spoiled. */
async function spoiled(id: ExchangeId, spoil: (params: Record<string, string>) => void) {
  const exchange = await exchangeAt(id, nowhere);
  const { forms } = profiles[id];
  const order = { side: "SELL", orderType: "stop_limit", quantity: "0.002" } as const;
  const intent = intentFor(id, { ...order, stopPrice: "45000", limitPrice: "44900" });
  const native = forms.build(intent, marketFor(id));
  spoil(native.params);
  const request = exchange.api.sign(native.path, native.api, native.method, native.params);
  return () =>
    checkOnWire(forms, intent, marketFor(id), request, { endpoint: forms.endpoint, validateOnly: false });
}

describe.each(ids)("the request that would leave for %s", (id) => {
  const isBinance = id === "binance";
  const name = (binance: string, kraken: string) => (isBinance ? binance : kraken);

  it("passes when it is the order", async () => {
    expect(await spoiled(id, () => {})).not.toThrow();
  });

  it.each<[string, (params: Record<string, string>) => void, RegExp]>([
    ["C4: the trigger is lost", (p) => delete p[name("stopPrice", "price2")], /price/],
    [
      "C4: a stop became a plain limit",
      (p) => Object.assign(p, { [name("type", "ordertype")]: name("LIMIT", "limit") }),
      /order type/,
    ],
    [
      "C4: a stop became a take-profit, which fires the other way round",
      (p) =>
        Object.assign(p, { [name("type", "ordertype")]: name("TAKE_PROFIT_LIMIT", "take-profit-limit") }),
      /order type|direction/,
    ],
    [
      "the side is turned",
      (p) => Object.assign(p, { [name("side", "type")]: name("BUY", "buy") }),
      /the side/,
    ],
    [
      "M17: an amount of money became a number of coins",
      (p) => Object.assign(p, { [name("quantity", "volume")]: "100" }),
      /the quantity/,
    ],
    [
      "the client order id is dropped",
      (p) => delete p[name("newClientOrderId", "cl_ord_id")],
      /client order id/,
    ],
    [
      "another client order id is put in",
      (p) => Object.assign(p, { [name("newClientOrderId", "cl_ord_id")]: "x-TKT5PX2F" }),
      /client order id/,
    ],
    ["another market", (p) => Object.assign(p, { [name("symbol", "pair")]: "ETHUSDT" }), /the market/],
    ["another limit", (p) => Object.assign(p, { [name("price", "price2")]: "1" }), /the limit price/],
    ["it expires", (p) => Object.assign(p, { [name("timeInForce", "timeinforce")]: "IOC" }), /time in force/],
    [
      "C3: margin",
      (p) => Object.assign(p, { [name("sideEffectType", "leverage")]: name("MARGIN_BUY", "5") }),
      /sideEffectType|leverage/,
    ],
    [
      "a unified word that no exchange knows",
      (p) => Object.assign(p, { triggerPrice: "45000" }),
      /triggerPrice/,
    ],
    [
      "a flag nobody asked for",
      (p) => Object.assign(p, { [name("icebergQty", "oflags")]: name("1", "post,viqc") }),
      /./,
    ],
  ])("is stopped when %s", async (_what, spoil, said) => {
    const act = await spoiled(id, spoil);
    expect(act).toThrow(
      expect.objectContaining({ code: "wire_mismatch", message: expect.stringMatching(said) }),
    );
  });

  it.each<[string, (request: SignedRequest) => SignedRequest]>([
    ["another endpoint", (request) => ({ ...request, url: request.url.replace(/order|AddOrder/, "else") })],
    ["a name twice", (request) => ({ ...request, body: `${request.body}&${name("side=BUY", "type=buy")}` })],
    ["a body that is none", (request) => ({ ...request, body: "{" })],
    ["no body", (request) => ({ ...request, body: undefined })],
  ])("is stopped when it has %s", async (_what, change) => {
    const exchange = await exchangeAt(id, nowhere);
    const { forms } = profiles[id];
    const intent = intentFor(id, { cashAmount: "100" });
    const native = forms.build(intent, marketFor(id));
    const request = change(exchange.api.sign(native.path, native.api, native.method, native.params));
    const act = () =>
      checkOnWire(forms, intent, marketFor(id), request, { endpoint: forms.endpoint, validateOnly: false });
    expect(act).toThrow(expect.objectContaining({ code: "wire_mismatch" }));
  });

  it.each([
    ["C3: a market that is no spot market", { spot: false }],
    ["C3: a contract", { contract: true }],
    ["another symbol than the order's", { symbol: "BTC/EUR" }],
  ])("is stopped for %s", async (_what, changes) => {
    const exchange = await exchangeAt(id, nowhere);
    const { forms } = profiles[id];
    const intent = intentFor(id, { cashAmount: "100" });
    const native = forms.build(intent, marketFor(id));
    const request = exchange.api.sign(native.path, native.api, native.method, native.params);
    const act = () =>
      checkOnWire(forms, intent, marketFor(id, changes), request, {
        endpoint: forms.endpoint,
        validateOnly: false,
      });
    expect(act).toThrow(expect.objectContaining({ code: "wire_mismatch" }));
  });

  it.each<[string, (params: Record<string, string>) => void]>([
    ["is lost", (p) => delete p[name("trailingDelta", "price")]],
    ["is another", (p) => Object.assign(p, { [name("trailingDelta", "price")]: name("500", "+50%") })],
    ["points ahead of the market", (p) => Object.assign(p, { [name("trailingDelta", "price")]: "-5" })],
    ["goes by another price", (p) => Object.assign(p, { trigger: "index" })],
  ])("is stopped when a trailing stop's distance %s", async (_what, spoil) => {
    const exchange = await exchangeAt(id, nowhere);
    const { forms } = profiles[id];
    const order = { side: "SELL", orderType: "trailing_stop", quantity: "1", trailPercent: "5.25" } as const;
    const native = forms.build(intentFor(id, order), marketFor(id));
    spoil(native.params);
    const request = exchange.api.sign(native.path, native.api, native.method, native.params);
    const expected = { endpoint: forms.endpoint, validateOnly: false };
    const act = () => checkOnWire(forms, intentFor(id, order), marketFor(id), request, expected);
    expect(act).toThrow(expect.objectContaining({ code: "wire_mismatch" }));
  });

  it("is stopped when a question about an order would have placed it, and the other way round", async () => {
    const exchange = await exchangeAt(id, nowhere);
    const { forms } = profiles[id];
    const intent = intentFor(id, { cashAmount: "100" });
    const order = forms.build(intent, marketFor(id));
    for (const [native, validateOnly] of [
      [order, true],
      [forms.validation(order), false],
    ] as const) {
      const request = exchange.api.sign(native.path, native.api, native.method, { ...native.params });
      const act = () =>
        checkOnWire(forms, intent, marketFor(id), request, { endpoint: forms.endpoint, validateOnly });
      expect(act).toThrow(expect.objectContaining({ code: "wire_mismatch" }));
    }
  });
});
