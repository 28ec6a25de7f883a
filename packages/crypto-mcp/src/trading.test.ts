import { decimal } from "trading-core/domain/money";
import type { OrderRequest } from "trading-core/domain/order";
import { afterEach, describe, expect, it } from "vitest";
import { startWorld, type World } from "./testing/world.ts";

let world: World;
afterEach(() => world.end());

type Figures = Partial<Record<"quantity" | "cashAmount" | "limitPrice" | "stopPrice", string>>;

function order(side: "BUY" | "SELL", figures: Figures, symbol = "BTC"): OrderRequest {
  const figure = (name: keyof Figures) => (figures[name] === undefined ? null : decimal(figures[name]));
  const { limitPrice, stopPrice } = figures;
  return {
    symbol,
    side,
    orderType: stopPrice ? (limitPrice ? "stop_limit" : "stop") : limitPrice ? "limit" : "market",
    quantity: figure("quantity"),
    cashAmount: figure("cashAmount"),
    limitPrice: figure("limitPrice"),
    stopPrice: figure("stopPrice"),
    timeInForce: "GTC",
  };
}

describe("on the simulated Binance", () => {
  it("proves the account by the exchange's own id and the host that signed requests go to", async () => {
    world = await startWorld();
    const posture = await world.venue.guard.posture();
    expect(posture).toMatchObject({ accountType: "PAPER", session: { ready: true, state: "ready" } });
    expect(posture.identity).toMatchObject({ accountId: "354937868", isPaper: true });
    expect(posture.session.message).toMatch(/cannot withdraw/);
  });

  it("buys by amount, protects what is held, closes, and tells its fills with their fees", async () => {
    world = await startWorld();
    const { guard } = world.venue;
    const bought = await guard.place(order("BUY", { cashAmount: "500" }));
    expect(bought).toMatchObject({ status: "filled", symbol: "BTC/USDT", dryRun: false });
    const positions = await guard.positions();
    if (positions.kind !== "read") throw new Error(positions.reason);
    const [held] = positions.value;
    expect(held).toMatchObject({ symbol: "BTC/USDT", instrumentId: "BTC" });
    // The exchange takes its fee out of what was bought.
    expect(held?.quantity.lt(bought.filledQuantity ?? 0)).toBe(true);

    const stop = await guard.place(order("SELL", { quantity: "0.005", stopPrice: "80000" }));
    expect(stop).toMatchObject({ status: "submitted", orderType: "stop", timeInForce: "GTC" });
    const open = await guard.openOrders();
    expect(open).toMatchObject({
      complete: true,
      orders: [{ orderId: stop.orderId, stopPrice: decimal("80000") }],
    });

    const closed = await guard.closePosition("BTC", null, null);
    expect(closed).toMatchObject({ order: { status: "filled", side: "SELL" }, unprotected: false });
    expect((await guard.openOrders()).orders).toEqual([]);
    const records = await guard.history(100);
    expect(JSON.stringify(records)).toMatch(/fee 0\.00000557/);
  });

  it("S29: protects the rest of a partial close again, in the steps that the exchange takes", async () => {
    world = await startWorld();
    const { guard } = world.venue;
    await guard.place(order("BUY", { cashAmount: "500" }));
    await guard.place(order("SELL", { quantity: "0.005", stopPrice: "80000" }));
    const closed = await guard.closePosition("BTC", decimal("0.002"), null);
    expect(closed).toMatchObject({ unprotected: false, order: { quantity: decimal("0.002") } });
    const [stop] = (await guard.openOrders()).orders;
    expect(stop).toMatchObject({
      orderType: "stop",
      quantity: decimal("0.00356"),
      stopPrice: decimal("80000"),
    });
  });

  it("S1: knows what is held to the last digit after fees in the coin, however soon the next sale follows", async () => {
    world = await startWorld();
    const { guard } = world.venue;
    await guard.place(order("BUY", { cashAmount: "500" }));
    await guard.place(order("SELL", { quantity: "0.002" }));
    await guard.place(order("SELL", { quantity: "0.002" }));
    const closed = await guard.closePosition("BTC", null, null);
    expect(closed.order).toMatchObject({ status: "filled", quantity: decimal("0.00156") });
    const [dust] = world.simulator.control.state().balances.filter(({ asset }) => asset === "BTC");
    expect(dust).toMatchObject({ free: "0.00000443", locked: "0" });
    await expect(guard.closePosition("BTC", null, null)).rejects.toMatchObject({ code: "dust" });
  });

  it("S22: a market buy by quantity leaves as a limit at its bound, filled at once or not at all", async () => {
    world = await startWorld();
    const bought = await world.venue.guard.place(order("BUY", { quantity: "0.005" }));
    expect(bought.status).toBe("filled");
    const [truth] = world.simulator.control.state().orders;
    expect(truth).toMatchObject({ type: "LIMIT", timeInForce: "IOC", clientOrderId: bought.clientOrderId });
    expect(Number(truth?.limitPrice)).toBeGreaterThan(Number(truth?.averagePrice));
  });

  it("H13: finds by our own id what was filled while the answer got lost, and sends it once", async () => {
    world = await startWorld();
    world.simulator.control.faults.add({ method: "POST", action: { type: "reset", when: "after" } });
    const bought = await world.venue.guard.place(order("BUY", { cashAmount: "100" }));
    expect(bought).toMatchObject({ status: "filled", message: expect.stringContaining("sent once") });
    expect(world.simulator.control.state().orders).toHaveLength(1);
  });

  it("M16: an order of before the restart is asked for and cancelled by the id that names its market", async () => {
    world = await startWorld();
    const resting = await world.venue.guard.place(order("BUY", { quantity: "0.005", limitPrice: "88000" }));
    const { guard } = await world.again();
    expect(await guard.order(resting.orderId ?? "")).toMatchObject({ status: "submitted" });
    expect(await guard.cancel(resting.orderId ?? "")).toMatchObject({ outcome: "done" });
    expect(world.simulator.control.state().orders[0]?.status).toBe("CANCELED");
  });

  it.each([
    ["C3: a perpetual", "BTC/USDT:USDT", "not_spot"],
    ["a pair that is not listed", "XYZ/USDT", "unknown_symbol"],
  ])("trades no %s", async (_what, symbol, code) => {
    world = await startWorld();
    await expect(world.venue.guard.place(order("BUY", { cashAmount: "50" }, symbol))).rejects.toMatchObject({
      code,
    });
    expect(world.simulator.control.state().orders).toEqual([]);
  });

  it("H14: a deny-list entry BTC covers BTC/USDT, and leaves the way out open", async () => {
    world = await startWorld({ balances: { USDT: 1000, BTC: "0.1" }, env: { SYMBOL_DENYLIST: "BTC" } });
    const { guard } = world.venue;
    await expect(guard.place(order("BUY", { cashAmount: "50" }))).rejects.toMatchObject({
      code: "symbol_denied",
    });
    expect(await guard.place(order("SELL", { quantity: "0.01" }))).toMatchObject({ status: "filled" });
  });

  it("C2: bounds an entry priced in a coin by what it is worth in the risk currency", async () => {
    world = await startWorld({ balances: { USDT: 1000, BTC: "1" }, env: { MAX_ORDER_VALUE: "100" } });
    await expect(world.venue.guard.place(order("BUY", { quantity: "1" }, "ETH/BTC"))).rejects.toMatchObject({
      code: "order_value_exceeded",
    });
  });

  it("a dry run shows the request that would leave, asks for the exchange's opinion, and sends nothing", async () => {
    world = await startWorld({ env: { CRYPTO_DRY_RUN: "true" } });
    const answer = await world.venue.guard.place(order("BUY", { cashAmount: "50" }));
    expect(answer).toMatchObject({ dryRun: true, message: expect.stringContaining("would take it") });
    expect(JSON.stringify(answer.request)).toContain("quoteOrderQty");
    expect(world.simulator.control.state().orders).toEqual([]);
  });
});

describe("a trailing stop", () => {
  it.each(["binance", "kraken"] as const)("rests at %s and is told with its distance", async (kind) => {
    const cash = kind === "kraken" ? "USD" : "USDT";
    world = await startWorld({ kind, balances: { [cash]: 1000, BTC: 1 } });
    const { guard } = world.venue;
    const request = { ...order("SELL", { quantity: "0.5" }), orderType: "trailing_stop" as const };
    const placed = await guard.place({ ...request, trailPercent: decimal("5.25") });
    expect(await guard.order(placed.orderId ?? "")).toMatchObject({
      status: "submitted",
      orderType: "trailing_stop",
    });
    const seen = await (
      await world.again({ TRADING_STATE_DIR: `${world.stateDir}/other` })
    ).guard.openOrders();
    expect(seen.orders).toMatchObject([{ orderType: "trailing_stop", quantity: decimal("0.5") }]);
  });
});

describe("a time in force", () => {
  it("that nobody asked for is no day's: an order rests until it is cancelled", async () => {
    world = await startWorld();
    const resting = {
      ...order("BUY", { quantity: "0.005", limitPrice: "88000" }),
      timeInForce: "DAY" as const,
    };
    expect(await world.venue.guard.place({ ...resting, isDefaultTimeInForce: true })).toMatchObject({
      status: "submitted",
      timeInForce: "GTC",
    });
  });

  it("of a day is refused where no day ends", async () => {
    world = await startWorld();
    const resting = {
      ...order("BUY", { quantity: "0.005", limitPrice: "88000" }),
      timeInForce: "DAY" as const,
    };
    await expect(world.venue.guard.place(resting)).rejects.toMatchObject({ code: "not_supported" });
    expect(world.simulator.control.state().orders).toEqual([]);
  });
});

describe("on the simulated Kraken", () => {
  it("buys, protects and closes, with answers that hold nothing but an id", async () => {
    world = await startWorld({ kind: "kraken" });
    const { guard } = world.venue;
    const bought = await guard.place(order("BUY", { cashAmount: "500" }));
    const filled = await guard.waitForFill(bought.orderId ?? "", 10_000);
    expect(filled.order).toMatchObject({ status: "filled", symbol: "BTC/USD" });
    const stop = await guard.place(order("SELL", { quantity: "0.005", stopPrice: "80000" }));
    expect(stop.orderId).toMatch(/^[A-Z0-9]+-[A-Z0-9]+-[A-Z0-9]+$/);
    const [, truth] = world.simulator.control.state().orders;
    expect(truth).toMatchObject({ type: "stop-loss", stopPrice: "80000" });
    const closed = await guard.closePosition("BTC", null, null);
    expect(closed.order?.side).toBe("SELL");
  });
});

describe.each(["binance", "kraken"] as const)("the day's loss on the simulated %s", (kind) => {
  it("S24: is worked out from the day's beginning and its own trades, fees and spread included, and ends entries", async () => {
    world = await startWorld({ kind, env: { MAX_DAILY_LOSS: "1" } });
    const { guard } = world.venue;
    const bought = await guard.place(order("BUY", { cashAmount: "500" }));
    await guard.waitForFill(bought.orderId ?? "", 10_000);
    await guard.history(1);
    const { limits } = await guard.posture();
    const lost = limits.dailyPnl?.neg();
    expect(lost?.gt("0.1") && lost.lt(10), `${limits.dailyPnl?.toFixed()}`).toBe(true);
    const strict = await world.again({ MAX_DAILY_LOSS: "0.05" });
    await expect(strict.guard.place(order("BUY", { cashAmount: "400" }))).rejects.toMatchObject({
      code: "daily_loss_reached",
    });
    await guard.closePosition("BTC", null, null);
    expect((await guard.posture()).tradingState).toBe("REDUCING");
  });
});
