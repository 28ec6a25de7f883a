import { afterEach, beforeEach, expect, test } from "vitest";
import { type SimulatedExchange, startSimulatedExchange } from "../exchange/simulated-exchange.ts";
import { krakenClient } from "../exchange/test-clients.ts";

let sim: SimulatedExchange;
let client: ReturnType<typeof krakenClient>;

beforeEach(async () => {
  sim = await startSimulatedExchange({ kind: "kraken", balances: { USD: 10_000, BTC: 1 } });
  client = krakenClient(sim);
  sim.control.setPrice("BTC/USD", { last: 100_000, bid: 99_990, ask: 100_010 });
});

afterEach(async () => {
  await client.close();
  await sim.close();
});

const LIMIT = { type: "buy", ordertype: "limit", volume: "0.01", price: "90000" };
const free = (asset: string) => sim.control.state().balances.find((balance) => balance.asset === asset)?.free;

test("errors come with status 200 and without a result", async () => {
  const answer = await client.order({ ...LIMIT, pair: "NONE" });
  expect(answer).toMatchObject({ status: 200, json: { error: ["EQuery:Unknown asset pair"] } });
  expect(answer.json.result).toBeUndefined();
});

test("a nonce counts once, and only upwards", async () => {
  expect((await client.call("Balance", { nonce: 5_000 })).json.error).toEqual([]);
  expect((await client.call("Balance", { nonce: 5_000 })).json.error).toEqual(["EAPI:Invalid nonce"]);
  expect((await client.call("Balance", { nonce: 4_999 })).json.error).toEqual(["EAPI:Invalid nonce"]);
  expect((await client.call("Balance", { nonce: 5_001 })).json.error).toEqual([]);
});

test("a request of another key, or wrongly signed, is refused and uses no nonce up", async () => {
  const post = (headers: Record<string, string>) =>
    fetch(`${sim.baseUrl}/0/private/Balance`, { method: "POST", body: "nonce=9", headers });
  expect(await (await post({})).json()).toEqual({ error: ["EAPI:Invalid key"] });
  const forged = await post({ "api-key": sim.keys.apiKey, "api-sign": "AAAA" });
  expect(await forged.json()).toEqual({ error: ["EAPI:Invalid signature"] });
  expect((await client.call("Balance", { nonce: 9 })).json.error).toEqual([]);
});

test("calls add up and wear off; orders are counted elsewhere", async () => {
  for (let i = 0; i < 20; i += 1) await client.call("Balance");
  expect((await client.call("Balance")).json.error).toEqual(["EAPI:Rate limit exceeded"]);
  expect((await client.order(LIMIT)).json.error).toEqual([]);
  sim.control.advance(1_000);
  expect((await client.call("Balance")).json.error).toEqual([]);
});

test("the fee comes on top of a buy, and off what a sale brings, in dollars both times", async () => {
  await client.order({ type: "buy", ordertype: "market", volume: "0.01" });
  expect([free("BTC"), free("USD")]).toEqual(["1.01", "8995.8996"]);
  await client.order({ type: "sell", ordertype: "market", volume: "0.01" });
  expect([free("BTC"), free("USD")]).toEqual(["1", "9991.8"]);
});

test("a fee that the money does not cover refuses the order", async () => {
  const { json } = await client.order({ ...LIMIT, volume: "0.111" });
  expect(json.error).toEqual(["EOrder:Insufficient funds"]);
  expect((await client.order({ ...LIMIT, volume: "0.11" })).json.error).toEqual([]);
});

test.each([
  ["too little", { volume: "0.00001" }, "EGeneral:Invalid arguments:volume minimum not met"],
  ["a price between two ticks", { price: "90000.05" }, /Invalid price:XBTUSD/],
  ["an unknown type", { ordertype: "stop" }, "EGeneral:Invalid arguments:ordertype"],
  ["margin", { leverage: "5:1" }, "EOrder:Margin not allowed"],
  ["a post-only order that would take", { oflags: "post", price: "100010" }, "EOrder:Post only order"],
])("%s is refused", async (_name, change, error) => {
  const { json } = await client.order({ ...LIMIT, ...change });
  expect(json.error[0]).toMatch(error);
  expect(sim.control.state().orders).toEqual([]);
});

test("prices may be relative to the last one", async () => {
  await client.order({ ...LIMIT, price: "-5%" });
  await client.order({ type: "sell", ordertype: "take-profit", volume: "0.1", price: "#5%" });
  await client.order({ type: "sell", ordertype: "trailing-stop", volume: "0.1", price: "+1000" });
  expect(sim.control.state().orders).toMatchObject([
    { limitPrice: "95000", stopPrice: null },
    { stopPrice: "105000" },
    { stopPrice: "99000" },
  ]);
});

test("a client id is taken only while an order of that name is open", async () => {
  await client.order({ ...LIMIT, cl_ord_id: "one" });
  expect((await client.order({ ...LIMIT, cl_ord_id: "one" })).json.error[0]).toMatch(/in use/);
  await client.call("CancelOrder", { cl_ord_id: "one" });
  expect((await client.order({ ...LIMIT, cl_ord_id: "one" })).json.error).toEqual([]);
  expect((await client.order({ ...LIMIT, cl_ord_id: "longer than eighteen" })).json.error[0]).toMatch(
    /cl_ord_id/,
  );
});

test("orders and fills are told by id", async () => {
  const { json } = await client.order({ type: "buy", ordertype: "market", volume: "0.01", userref: 7 });
  const [txid] = json.result.txid;
  const query = await client.call("QueryOrders", { txid, trades: "true" });
  expect(query.json.result[txid]).toMatchObject({
    status: "closed",
    vol_exec: "0.01000000",
    cost: "1000.10000",
    fee: "4.00040",
    price: "100010.00000",
    userref: 7,
    descr: { pair: "XBTUSD", ordertype: "market", order: "buy 0.01000000 XBTUSD @ market" },
  });
  const [trade] = query.json.result[txid].trades;
  const history = await client.call("TradesHistory");
  expect(history.json.result.trades[trade]).toMatchObject({ ordertxid: txid, pair: "XXBTZUSD", type: "buy" });
  expect((await client.call("QueryOrders", { txid: "OAAAAA-AAAAA-AAAAAA" })).json.error).toEqual([
    "EOrder:Invalid order",
  ]);
});

test("an order is changed in place, within the balance", async () => {
  const { json } = await client.order({ ...LIMIT, cl_ord_id: "one" });
  const tooMuch = await client.call("AmendOrder", { cl_ord_id: "one", order_qty: "0.2" });
  expect(tooMuch.json.error).toEqual(["EOrder:Insufficient funds"]);
  await client.call("AmendOrder", { cl_ord_id: "one", order_qty: "0.05", limit_price: "91000" });
  expect(sim.control.state().orders).toMatchObject([
    { orderId: json.result.txid[0], quantity: "0.05", limitPrice: "91000" },
  ]);
});

test("a closing order exists from the fill of its opening order on, and never without it", async () => {
  const opening = { ...LIMIT, price: "99000", "close[ordertype]": "stop-loss", "close[price]": "95000" };
  await client.order(opening);
  const open = async () => Object.keys((await client.call("OpenOrders")).json.result.open).length;
  expect(await open()).toBe(1);
  await client.call("CancelAll");
  expect(Object.keys((await client.call("ClosedOrders")).json.result.closed)).toHaveLength(1);
  await client.order(opening);
  sim.control.setPrice("BTC/USD", { last: 98_000, bid: 97_990, ask: 98_010 });
  expect(await open()).toBe(1);
  expect(sim.control.state().orders.at(-1)).toMatchObject({
    type: "stop-loss",
    side: "SELL",
    status: "open",
  });
});

test("a market that only takes cancels takes cancels", async () => {
  await client.order(LIMIT);
  sim.control.configure({ status: "maintenance" });
  expect((await client.order(LIMIT)).json.error).toEqual(["EService:Market in cancel_only mode"]);
  expect((await client.open("SystemStatus")).json.result.status).toBe("maintenance");
  expect((await client.call("CancelAll")).json.result).toEqual({ count: 1 });
});
