import { decimal } from "trading-core/domain/money";
import type { OrderRequest } from "trading-core/domain/order";
import type { GuardedBroker } from "trading-core/guard/answers";
import { createGuardedBroker } from "trading-core/guard/guarded-broker";
import { failure } from "trading-core/testing/fixtures";
import type { AccountOptions } from "venue-sim";
import { afterEach, expect, test } from "vitest";
import { startVenue, type TestVenue } from "./cpapi/test-venue.ts";
import { loadIbkrSettings, policyOf } from "./settings.ts";

// The guard under settings as an operator writes them, over the real adapter and the simulated gateway.

let venue: TestVenue;
let guard: GuardedBroker;
afterEach(async () => {
  guard.close();
  await venue.close();
});

async function start(env: Record<string, string>, account: AccountOptions = {}): Promise<void> {
  venue = await startVenue({ accounts: [account], immediateFills: true });
  venue.gateway.control.setPrice("AAPL", { last: 100, bid: 100, ask: 100 });
  const { home } = { home: venue.stateDir };
  const machine = { platform: process.platform, env: { TRADING_DRY_RUN: "false", ...env }, home };
  const { values } = loadIbkrSettings(machine, null, false);
  const cpapi = venue.connect();
  const quiet = { info() {}, warn() {}, error() {} };
  guard = createGuardedBroker({
    ...cpapi,
    policy: policyOf(values),
    clock: venue.clock,
    log: quiet,
    stateDir: venue.stateDir,
    journalPath: null,
  });
}

function market(side: "BUY" | "SELL", quantity: string): OrderRequest {
  return {
    symbol: "AAPL",
    side,
    orderType: "market",
    quantity: decimal(quantity),
    cashAmount: null,
    limitPrice: null,
    stopPrice: null,
    timeInForce: "DAY",
  };
}

const held = () => venue.gateway.control.state().accounts[0]?.positions[0]?.quantity ?? "0";

test("H3: with TRADING_ALLOW_SHORT a short is opened within the caps, covered as an exit, and never crossed", async () => {
  await start({
    TRADING_ALLOW_SHORT: "true",
    MAX_ORDER_VALUE: "500",
    MAX_DAILY_VALUE: "900",
    MAX_POSITION_VALUE: "700",
    DUPLICATE_WINDOW_SECONDS: "0",
  });
  expect((await guard.posture()).limits.allowShort).toBe(true);
  expect((await failure(guard.place(market("SELL", "5")))).code).toBe("order_value_exceeded");
  await guard.place(market("SELL", "4"));
  expect(held()).toBe("-4");
  // 4 short at the ask, and 3 more at the ask and 5 %.
  expect((await failure(guard.place(market("SELL", "3")))).code).toBe("position_value_exceeded");
  await guard.place(market("SELL", "2"));
  expect(held()).toBe("-6");
  expect((await failure(guard.place(market("BUY", "7")))).code).toBe("crosses_flat");
  // Covering is an exit: dearer than any cap, and not held up by one.
  venue.gateway.control.setPrice("AAPL", { last: 900, bid: 900, ask: 900 });
  await guard.place(market("BUY", "2"));
  expect(held()).toBe("-4");
  const closed = await guard.closePosition("AAPL", null);
  expect(closed.order).toMatchObject({ side: "BUY", status: "filled" });
  expect(held()).toBe("0");
});

test("H3: without TRADING_ALLOW_SHORT nothing is sold that is not held", async () => {
  await start({ MAX_ORDER_VALUE: "500" });
  const refused = await failure(guard.place(market("SELL", "1")));
  expect(refused.code).toBe("oversell");
  expect(refused.nextStep).toContain("TRADING_ALLOW_SHORT=true");
  expect(held()).toBe("0");
});

test("S21: with RISK_CURRENCY=EUR a stock in dollars counts at IBKR's rate", async () => {
  await start({ RISK_CURRENCY: "eur", MAX_ORDER_VALUE: "100", DUPLICATE_WINDOW_SECONDS: "0" });
  // 1.2 × 105 dollars are 109 euros; 1 × 105 are 91.
  const refused = await failure(guard.place(market("BUY", "1.2")));
  expect(refused.code).toBe("order_value_exceeded");
  expect(refused.message).toContain("109.19 EUR");
  const bought = await guard.place(market("BUY", "1"));
  await guard.waitForFill(bought.clientOrderId ?? "", 5_000);
  await guard.history(1);
  expect(held()).toBe("1");
  const { limits } = await guard.posture();
  expect(limits.riskCurrency).toBe("EUR");
  // A share at 100 dollars and the commission, in euros.
  expect(limits.committedToday?.toFixed(0)).toBe("88");
  // Without the rate nothing is entered, and what is held can be sold.
  venue.gateway.clock.advance(30_000);
  venue.gateway.control.faults.add({
    path: "exchangerate",
    count: Number.POSITIVE_INFINITY,
    action: { type: "status", status: 500 },
  });
  expect((await failure(guard.place(market("BUY", "0.5")))).code).toBe("rate_unavailable");
  await guard.place(market("SELL", "1"));
  expect(held()).toBe("0");
});

test("S24: the day's loss of an account in euros is compared with a limit in dollars", async () => {
  await start({ MAX_DAILY_LOSS: "110", MAX_ORDER_VALUE: "1000" }, { currency: "EUR" });
  await guard.place(market("BUY", "5"));
  // 100 lost in the account's euros are 115.40 dollars.
  venue.gateway.control.setPrice("AAPL", { last: 80, bid: 80, ask: 80 });
  venue.gateway.clock.advance(6_000);
  const refused = await failure(guard.place(market("BUY", "1")));
  expect(refused.code).toBe("daily_loss_reached");
  expect(refused.message).toMatch(/-11\d\.\d\d USD/);
});
