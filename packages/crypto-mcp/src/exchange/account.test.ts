import { decimal, plain } from "trading-core/domain/money";
import { afterEach, describe, expect, it } from "vitest";
import { startWorld, type World } from "../testing/world.ts";

let world: World;
afterEach(() => world.end());

async function heldNow() {
  const reading = await world.venue.marketData.positions();
  if (reading.kind === "unread") throw new Error(reading.reason);
  return reading.value;
}

describe("what is held", () => {
  it("is every coin that is no money, what working orders hold included, to the last digit", async () => {
    world = await startWorld({ balances: { USDT: "100.5", EUR: 3, BTC: "0.12345678", ETH: 2 } });
    world.simulator.control.setPrice("BTCUSDT", { last: 90_000 });
    const held = await heldNow();
    expect(held.map(({ symbol, quantity }) => [symbol, plain(quantity)])).toEqual([
      ["BTC/USDT", "0.12345678"],
      ["ETH/USDT", "2"],
    ]);
    expect(held[0]).toMatchObject({
      instrumentId: "BTC",
      averageCost: null,
      unrealizedPnl: null,
      currency: "USDT",
    });
    expect(held[0]?.marketValue?.toFixed(2)).toMatch(/^111\d\d\.\d\d$/);
  });

  it("is known without its prices, so that it can be sold", async () => {
    world = await startWorld({ balances: { BTC: 1 } });
    world.simulator.control.faults.add({
      path: "ticker",
      count: Number.POSITIVE_INFINITY,
      action: { type: "status", status: 503 },
    });
    expect(await heldNow()).toMatchObject([{ quantity: decimal(1), marketPrice: null, marketValue: null }]);
  });

  it.each(["empty-200", "html-200", "empty-object-200"] as const)(
    "is unread and not nothing when the exchange answers %s",
    async (type) => {
      world = await startWorld({ balances: { BTC: 1 } });
      await world.venue.session.ensureReady();
      world.simulator.control.faults.add({ path: "account", count: 9, action: { type } });
      const read = await world.venue.marketData.positions().catch(() => null);
      expect(read).toBeNull();
    },
  );

  it("L61: loses no digit of an amount that a float could not hold", async () => {
    world = await startWorld({ balances: { SOL: "9007199254.12345678" } });
    expect((await heldNow()).map(({ quantity }) => plain(quantity))).toEqual(["9007199254.12345678"]);
  });

  it("is unread where one of its amounts is", async () => {
    world = await startWorld();
    await world.venue.session.ensureReady();
    const body = JSON.stringify({
      uid: 1,
      balances: [
        { asset: "BTC", free: "1" },
        { asset: "ETH", free: "1", locked: "0" },
      ],
    });
    world.simulator.control.faults.add({ path: "account", action: { type: "status", status: 200, body } });
    expect(await world.venue.marketData.positions().catch(() => null)).toBeNull();
  });

  it("is asked for again where only the time of the question was refused", async () => {
    world = await startWorld({ balances: { BTC: 1 } });
    await world.venue.session.ensureReady();
    const message = "Timestamp for this request was 1000ms ahead of the server's time.";
    world.simulator.control.faults.add({
      path: "account",
      action: { type: "error", code: -1021, message, status: 400 },
    });
    expect(await heldNow()).toHaveLength(1);
  });

  it("adds up in the configured currency, and to nothing known where a coin has no price in it", async () => {
    world = await startWorld({ balances: { USDT: 100, ETH: 2 } });
    const summary = await world.venue.marketData.accountSummary();
    expect(summary).toMatchObject({ accountId: "354937868", currency: "USDT", cash: decimal(100) });
    expect(summary.netLiquidation?.gt(5_000)).toBe(true);
    world.simulator.control.setBalance("XYZ", 1);
    expect((await world.venue.marketData.accountSummary()).netLiquidation).toBeNull();
  });
});

describe("a rate", () => {
  it("is the market's own, never less than it", async () => {
    world = await startWorld();
    const [quote] = await world.venue.marketData.quotes([await world.venue.marketData.resolve("BTC")]);
    const rate = await world.venue.marketData.rate("BTC", "USDT");
    if (rate.kind !== "read" || quote?.kind !== "read") throw new Error("unread");
    expect(plain(rate.value.rate)).toBe(plain(quote.value.ask ?? decimal(0)));
    expect(rate.value.asOf).toBeLessThanOrEqual(world.clock.now());
  });

  it("goes the other way round, and through one currency between the two", async () => {
    world = await startWorld();
    const { marketData } = world.venue;
    const inverse = await marketData.rate("USDT", "BTC");
    const crossed = await marketData.rate("SOL", "EUR");
    if (inverse.kind !== "read" || crossed.kind !== "read") throw new Error("unread");
    expect(inverse.value.rate.times(90_000).toNumber()).toBeGreaterThan(0.8);
    expect(crossed.value.rate.toNumber()).toBeGreaterThan(90);
  });

  it("is unread where the exchange lists no market between the two: no peg is assumed", async () => {
    world = await startWorld();
    expect(await world.venue.marketData.rate("USDT", "USD")).toMatchObject({ kind: "unread" });
  });
});

describe("S3: a malformed answer", () => {
  it.each(["{}", '{"error":[],"result":{}}', "[]", "<html></html>"])(
    "%s is no empty list of orders at Kraken",
    async (body) => {
      world = await startWorld({ kind: "kraken" });
      await world.venue.session.ensureReady();
      world.simulator.control.faults.add({
        path: "OpenOrders",
        action: { type: "status", status: 200, body },
      });
      expect(await world.venue.guard.openOrders()).toMatchObject({ complete: false });
      expect(await world.venue.guard.openOrders()).toMatchObject({ complete: true, orders: [] });
    },
  );

  it.each(["{}", "null", "<html></html>"])("%s is no empty list of orders at Binance", async (body) => {
    world = await startWorld();
    await world.venue.session.ensureReady();
    world.simulator.control.faults.add({ path: "openOrders", action: { type: "status", status: 200, body } });
    expect(await world.venue.guard.openOrders()).toMatchObject({ complete: false });
  });
});

describe("C5: open orders", () => {
  it("are all of the account's, conditional ones too, on every market", async () => {
    world = await startWorld({ balances: { USDT: 10_000, ETH: 2 } });
    const { guard } = world.venue;
    const order = { side: "SELL", cashAmount: null, limitPrice: null, timeInForce: "GTC" } as const;
    await guard.place({
      ...order,
      symbol: "ETH",
      orderType: "stop",
      quantity: decimal(1),
      stopPrice: decimal(2_000),
    });
    await guard.place({
      ...order,
      symbol: "BTC",
      side: "BUY",
      orderType: "limit",
      quantity: decimal("0.001"),
      limitPrice: decimal(88_000),
      stopPrice: null,
    });
    const fresh = await world.again({ TRADING_STATE_DIR: `${world.stateDir}/other` });
    const { orders, complete } = await fresh.guard.openOrders();
    expect(complete).toBe(true);
    expect(orders.map(({ symbol, orderType }) => `${symbol} ${orderType}`).sort()).toEqual([
      "BTC/USDT limit",
      "ETH/USDT stop",
    ]);
  });

  it("are unread, and not none, when one of them cannot be read", async () => {
    world = await startWorld();
    await world.venue.session.ensureReady();
    world.simulator.control.faults.add({
      path: "openOrders",
      action: { type: "status", status: 200, body: '[{"symbol":"NOBODYKNOWS","orderId":1,"side":"BUY"}]' },
    });
    expect(await world.venue.guard.openOrders()).toMatchObject({ complete: false });
  });
});

describe("a cancel", () => {
  const resting = {
    symbol: "BTC",
    side: "BUY",
    orderType: "limit",
    quantity: decimal("0.001"),
    cashAmount: null,
    limitPrice: decimal(88_000),
    stopPrice: null,
    timeInForce: "GTC",
  } as const;

  it("L57: is done when the order itself says so, whatever was answered to it", async () => {
    world = await startWorld();
    const { orderId } = await world.venue.guard.place(resting);
    world.simulator.control.faults.add({
      method: "DELETE",
      action: { type: "status", status: 200, body: "{}" },
    });
    expect(await world.venue.guard.cancel(orderId ?? "")).toMatchObject({ outcome: "requested" });
    expect(world.simulator.control.state().orders[0]?.status).toBe("NEW");
  });

  it("whose answer was lost is confirmed by the order", async () => {
    world = await startWorld();
    const { orderId } = await world.venue.guard.place(resting);
    world.simulator.control.faults.add({ method: "DELETE", action: { type: "reset", when: "after" } });
    expect(await world.venue.guard.cancel(orderId ?? "")).toMatchObject({ outcome: "done" });
  });
});

describe("an order id", () => {
  it.each([
    "../account",
    "BTCUSDT",
    "12345",
    "BTCUSDT-",
    "BTCUSDT-12x",
    "NOSUCH-12",
    "BTCUSDT-1&symbol=ETHUSDT",
  ])("%s is refused before the exchange is asked", async (id) => {
    world = await startWorld();
    await world.venue.session.ensureReady();
    await world.venue.guard.positions();
    const asked = world.simulator.control.requests().length;
    await expect(world.venue.guard.order(id)).rejects.toMatchObject({ code: "invalid_order_id" });
    expect(world.simulator.control.requests()).toHaveLength(asked);
  });
});
