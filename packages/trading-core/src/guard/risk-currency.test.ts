import { afterEach, describe, expect, test } from "vitest";
import { decimal } from "../domain/money.ts";
import type { Policy } from "../guard/policy.ts";
import { type Bench, bench, failure, order, quoteOf, refusedBy, stock } from "../testing/fixtures.ts";

const pair = (symbol: string) =>
  stock(symbol, { kind: "spot", currency: symbol.split("/")[1] ?? "", usListed: null });
const ETH_BTC = pair("ETH/BTC");
const BTC_USDT = pair("BTC/USDT");
const AAPL = stock("AAPL");
const DAY_MS = 24 * 60 * 60_000;

let at: Bench;
afterEach(() => at.end());

/** ETH at 0.05 BTC, BTC at 60,000 dollars, and 1 USDT at a dollar. */
function exchange(change: Partial<Policy> = {}): Bench {
  const made = bench(change, [ETH_BTC, BTC_USDT, AAPL, pair("USDC/USDT"), pair("BTC/EUR")]);
  const price = { last: decimal("0.05"), bid: decimal("0.05"), ask: decimal("0.05") };
  made.venue.quotes.set(ETH_BTC.id, quoteOf(ETH_BTC, made.clock.now(), price));
  made.venue.rates.set("BTC/USD", "60000");
  made.venue.rates.set("USDT/USD", "1");
  return made;
}

/** What a buy of ETH for BTC pays with. */
function holdBtc(): void {
  at.venue.held.set("BTC", decimal(100));
  at.venue.settle();
}

const eth = (side: "BUY" | "SELL", quantity: string) =>
  order(side, quantity, { limitPrice: "0.05" }, "ETH/BTC");
const committed = async () => (await at.guard.posture()).limits.committedToday?.toFixed();
const intents = () => at.records().flatMap((each) => (each.kind === "intent" ? [each] : []));

describe("S21: caps in one risk currency", () => {
  test("C2: a pair priced in BTC does not slip past a cap in dollars", async () => {
    at = exchange({ maxOrderValue: decimal(100) });
    holdBtc();
    const refused = await failure(at.guard.place(eth("BUY", "1")));
    expect(refused.code).toBe("order_value_exceeded");
    // 1 ETH × 0.05 BTC × 60,000 dollars.
    expect(refused.message).toContain("3000.00 USD");
    await at.guard.place(eth("BUY", "0.03"));
    expect(await committed()).toBe("90");
  });

  test("a buy by amount is worth its amount at the rate", async () => {
    at = exchange({ maxOrderValue: decimal(100) });
    holdBtc();
    const buy = (cashAmount: string) => at.guard.place(order("BUY", { cashAmount }, {}, "ETH/BTC"));
    expect((await failure(buy("0.0017"))).code).toBe("order_value_exceeded");
    await buy("0.0016");
    expect(at.venue.wire).toHaveLength(1);
  });

  test.each([
    ["is not told", (bare: Bench) => bare.venue.rates.delete("BTC/USD")],
    ["cannot be read", (bare: Bench) => bare.venue.rates.set("BTC/USD", new Error("503"))],
    [
      "is too old",
      (bare: Bench) =>
        void bare.venue.rates.set("BTC/USD", { rate: decimal(60_000), asOf: bare.clock.now() - 60_001 }),
    ],
    [
      "is from the future",
      (bare: Bench) =>
        void bare.venue.rates.set("BTC/USD", { rate: decimal(60_000), asOf: bare.clock.now() + 60_001 }),
    ],
    ["is zero", (bare: Bench) => bare.venue.rates.set("BTC/USD", "0")],
    [
      "is another pair's",
      (bare: Bench) => bare.venue.rates.set("BTC/USD", { from: "ETH", rate: decimal(1) }),
    ],
  ])("a rate that %s refuses an entry", async (_, spoil) => {
    at = exchange();
    spoil(at);
    const refused = await failure(at.guard.place(eth("BUY", "0.03")));
    expect(refused.code).toBe("rate_unavailable");
    expect(refusedBy(refused)).toContain("order-value");
    expect(at.venue.wire).toEqual([]);
  });

  test("without a rate an exit goes through", async () => {
    at = exchange();
    at.venue.rates.clear();
    at.venue.hold(BTC_USDT, "1");
    await at.guard.place(order("SELL", "1", {}, "BTC/USDT"));
    expect(at.venue.wire).toEqual(["SELL 1 BTC/USDT market"]);
    expect(intents().at(-1)).toMatchObject({ exit: true, worstCase: null });
  });

  test("what is priced in the risk currency needs no request", async () => {
    at = exchange();
    await at.guard.place(order("BUY", "1"));
    expect(at.venue.ratesAsked).toEqual([]);
    expect(intents()[0]?.rate).toBeUndefined();
  });

  test("a stablecoin counts at its ticker, and never below what it promises", async () => {
    at = exchange({ maxOrderValue: decimal(100) });
    const buy = (cashAmount: string) => at.guard.place(order("BUY", { cashAmount }, {}, "BTC/USDT"));
    at.venue.rates.set("USDT/USD", "0.5");
    expect((await failure(buy("101"))).code).toBe("order_value_exceeded");
    at.venue.rates.set("USDT/USD", "1.02");
    expect((await failure(buy("99"))).code).toBe("order_value_exceeded");
    at.venue.rates.set("USDT/USD", "1");
    await buy("100");
  });

  test("the rate of its decision is the order's for life, journaled, and survives a restart", async () => {
    at = exchange();
    holdBtc();
    await at.guard.place(eth("BUY", "0.03"));
    expect(intents()[0]).toMatchObject({
      worstCase: "90",
      riskCurrency: "USD",
      rate: { from: "BTC", rate: "60000", asOf: new Date(at.clock.now()).toISOString() },
    });
    at.venue.rates.set("BTC/USD", "120000");
    expect(await committed()).toBe("90");
    const after = at.another();
    expect((await after.posture()).limits.committedToday?.toFixed()).toBe("90");
    at.venue.fill("1", "0.01", "0.05");
    await after.order("1");
    await after.history(1);
    // 0.01 × 0.05 BTC, a fee of 1 BTC, and the rest at its worst: all at 60,000.
    expect((await after.posture()).limits.committedToday?.toFixed()).toBe("60090");
  });

  test("a fee in the bought asset, in the risk currency, or in a third one counts by the same rule", async () => {
    at = exchange();
    holdBtc();
    for (const quantity of ["0.01", "0.02", "0.03"]) await at.guard.place(eth("BUY", quantity));
    ["0.01", "0.02", "0.03"].forEach((quantity, index) => {
      at.venue.fill(String(index + 1), quantity, "0.05");
    });
    const [inBase, inDollars, inCoin] = at.venue.fills;
    Object.assign(inBase ?? {}, { fee: decimal("0.001"), feeCurrency: "ETH" });
    Object.assign(inDollars ?? {}, { fee: decimal("2"), feeCurrency: "USD" });
    Object.assign(inCoin ?? {}, { fee: decimal("0.01"), feeCurrency: "BNB" });
    const learn = async () => {
      await at.guard.openOrders();
      for (const id of ["1", "2", "3"]) await at.guard.order(id);
      await at.guard.history(1);
    };
    await learn();
    // 0.06 ETH for 180 dollars, 3 dollars for 0.001 ETH, 2 dollars; what a BNB is worth is not known yet.
    expect(await committed()).toBe("185");
    at.venue.rates.set("BNB/USD", "600");
    await learn();
    expect(await committed()).toBe("191");
    expect(
      at
        .records()
        .filter((each) => each.kind === "fill")
        .at(-1),
    ).toMatchObject({
      feeCurrency: "BNB",
      feeRate: "600",
    });
  });

  test("S22: a fill beyond its worst case counts in full and stops further entries", async () => {
    at = exchange({ maxDailyValue: decimal(200) });
    await at.guard.place(order("BUY", "1", { limitPrice: "100" }));
    at.venue.fill("1", "1", "205");
    const refused = await failure(at.guard.place(order("BUY", "0.01", { limitPrice: "100" })));
    expect(refused.code).toBe("daily_value_exceeded");
    expect(await committed()).toBe("205");
  });

  test("S24: the day's loss in the account's currency is compared in the risk currency", async () => {
    at = exchange({ maxDailyLoss: decimal(50) });
    at.venue.dailyPnl = decimal(-45);
    at.venue.baseCurrency = "EUR";
    expect((await failure(at.guard.place(order("BUY", "1")))).code).toBe("daily_loss_unknown");
    at.venue.rates.set("EUR/USD", "1.1");
    await at.guard.place(order("BUY", "1"));
    at.venue.rates.set("EUR/USD", "1.2");
    at.freshQuotes();
    const refused = await failure(at.guard.place(order("BUY", "2")));
    expect(refused.code).toBe("daily_loss_reached");
    expect(refused.message).toContain("-54.00 USD");
  });

  test("another risk currency takes no entry on a day of the first, and exits go on", async () => {
    at = exchange();
    at.venue.rates.set("USD/EUR", "0.9");
    await at.guard.place(order("BUY", "1"));
    at.venue.settle();
    const euros = at.another({ riskCurrency: "EUR" });
    const refused = await failure(euros.place(order("BUY", "1")));
    expect(refusedBy(refused)).toEqual(["risk-currency"]);
    expect(refused.code).toBe("risk_currency_changed");
    expect((await euros.posture()).warnings.join(" ")).toContain("those of a server of today in USD");
    await euros.place(order("SELL", "1"));
    // And the first one waits for the second: two limits in two currencies have no tightest.
    expect((await failure(at.guard.place(order("BUY", "1")))).code).toBe("risk_currency_changed");
    at.clock.advance(DAY_MS);
    at.freshQuotes();
    await euros.place(order("BUY", "1"));
    expect(intents().at(-1)).toMatchObject({ riskCurrency: "EUR", worstCase: "94.5" });
  });

  test("an entry of an earlier day that still works in another risk currency takes no entry either", async () => {
    at = exchange();
    await at.guard.place(order("BUY", "1", { limitPrice: "96", timeInForce: "GTC" }));
    at.clock.advance(DAY_MS);
    at.freshQuotes();
    at.venue.rates.set("USD/EUR", "0.9");
    const euros = at.another({ riskCurrency: "EUR" });
    expect((await failure(euros.place(order("BUY", "1")))).code).toBe("risk_currency_changed");
    at.venue.amend("1", { status: "cancelled" });
    await euros.place(order("BUY", "1"));
  });
});

describe("S6: what an exit on a spot venue is", () => {
  test("selling a position into cash is an exit: no cap, list or rate stops it", async () => {
    at = exchange({ maxOrderValue: decimal(1), denylist: ["BTC"], allowlist: ["ETH"] });
    at.venue.rates.clear();
    at.venue.hold(BTC_USDT, "1");
    await at.guard.place(order("SELL", "1", {}, "BTC/USDT"));
    expect(at.venue.wire).toHaveLength(1);
  });

  test("selling into what is no cash is an entry into it: capped, counted, and no more than is held", async () => {
    at = exchange({ maxOrderValue: decimal(100), maxDailyValue: decimal(150) });
    at.venue.hold(ETH_BTC, "1");
    expect((await failure(at.guard.place(eth("SELL", "1")))).code).toBe("order_value_exceeded");
    // 0.03 ETH at the ask of 0.05 and 5 % on top.
    await at.guard.place(eth("SELL", "0.03"));
    expect(intents().at(-1)).toMatchObject({ exit: false, worstCase: "94.5" });
    expect(await committed()).toBe("94.5");
    expect((await failure(at.guard.place(eth("SELL", "0.02")))).code).toBe("daily_value_exceeded");
    at.venue.hold(ETH_BTC, "0.0399");
    expect((await failure(at.guard.place(eth("SELL", "0.01")))).code).toBe("oversell");
  });

  test("the lists and the position's cap look at what such a sale brings", async () => {
    at = exchange({ denylist: ["BTC"] });
    at.venue.hold(ETH_BTC, "1");
    expect((await failure(at.guard.place(eth("SELL", "0.01")))).code).toBe("symbol_denied");
    const only = at.another({ denylist: ["XRP"], allowlist: ["ETH"] });
    at.clock.advance(DAY_MS);
    const price = { last: decimal("0.05"), bid: decimal("0.05"), ask: decimal("0.05") };
    at.venue.quotes.set(ETH_BTC.id, quoteOf(ETH_BTC, at.clock.now(), price));
    expect((await failure(only.place(eth("SELL", "0.01")))).code).toBe("symbol_not_allowed");
  });

  test("what is held and bought elsewhere of the asset counts to its position", async () => {
    at = exchange({ maxPositionValue: decimal(700) });
    at.venue.hold(ETH_BTC, "1");
    at.venue.positionSymbols.set(BTC_USDT.id, "BTC/USDT");
    at.venue.hold(BTC_USDT, "0.01");
    // 600 dollars of BTC are held, and this brings up to 94.5 more.
    await at.guard.place(eth("SELL", "0.03"));
    const refused = await failure(at.guard.place(eth("SELL", "0.01")));
    expect(refused.code).toBe("position_value_exceeded");
    expect(refused.message).toContain("0.01 BTC are held");
    at.venue.positionsUnread = "503";
    at.venue.hold(ETH_BTC, "1");
    expect(refusedBy(await failure(at.guard.place(eth("SELL", "0.001"))))).toContain("position-value");
  });

  test("a sale that brings BTC counts to a position that is bought with dollars", async () => {
    at = exchange({ maxPositionValue: decimal(150) });
    at.venue.hold(ETH_BTC, "1");
    await at.guard.place(eth("SELL", "0.03"));
    const refused = await failure(at.guard.place(order("BUY", "1", { limitPrice: "100" }, "BTC/USDT")));
    expect(refused.code).toBe("position_value_exceeded");
    await at.guard.place(order("BUY", "0.5", { limitPrice: "100" }, "BTC/USDT"));
  });

  test("cash is not bought as a position, unless the allow-list names it", async () => {
    at = exchange();
    const buy = order("BUY", "1", {}, "USDC/USDT");
    expect((await failure(at.guard.place(buy))).code).toBe("cash_not_traded");
    at.end();
    at = exchange({ allowlist: ["USDC"] });
    await at.guard.place(buy);
  });

  test("a pair is not sold short, whatever the arm for shorts says", async () => {
    at = exchange({ allowShort: true });
    expect((await failure(at.guard.place(order("SELL", "1", {}, "BTC/USDT")))).code).toBe("oversell");
  });
});
