import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { decimal } from "../domain/money.ts";
import type { VenueOrder } from "../domain/order.ts";
import { type Bench, bench, failure, order, quoteOf, refusedBy, stock } from "../testing/fixtures.ts";
import type { SubmitScript } from "../testing/scripted-venue.ts";

// What is held on a spot exchange is the coin, whatever pairs it is traded on.
const pair = (symbol: string) => {
  const [base = "", currency = ""] = symbol.split("/");
  return stock(symbol, {
    id: base,
    kind: "spot",
    currency,
    usListed: null,
    quantityStep: decimal("0.00001"),
  });
};
const BTC_USDT = pair("BTC/USDT");
const BTC_EUR = pair("BTC/EUR");
const ETH_BTC = pair("ETH/BTC");

let at: Bench;
beforeEach(() => start());
afterEach(() => at.end());

function start(change: Parameters<typeof bench>[0] = {}): void {
  at = bench({ calendar: "always_open", ...change }, [BTC_USDT, BTC_EUR, ETH_BTC]);
  at.venue.rates.set("USDT/USD", "1").set("EUR/USD", "1.1").set("BTC/USD", "100");
  at.venue.fee = { amount: decimal(0) };
  quotes();
}

/** BTC at 100 in both of its currencies, ETH at 0.05 BTC. */
function quotes(): void {
  at.freshQuotes();
  const price = { last: decimal("0.05"), bid: decimal("0.05"), ask: decimal("0.05") };
  at.venue.quotes.set("ETH", quoteOf(ETH_BTC, at.clock.now(), price));
}

function later(seconds: number): void {
  at.clock.advance(seconds * 1_000);
  quotes();
}

/** The venue's answer is lost on the way; the order is not in its lists either. */
const lost: SubmitScript = async (_, gate) => {
  await gate.begin();
  return { kind: "unknown", reason: "HTTP 503", exchanges: [] };
};

const usdt = (side: "BUY" | "SELL", size: string, prices = {}) => order(side, size, prices, "BTC/USDT");
const eur = (side: "BUY" | "SELL", size: string, prices = {}) => order(side, size, prices, "BTC/EUR");
const eth = (side: "BUY" | "SELL", size: string, prices = {}) => order(side, size, prices, "ETH/BTC");
const code = async (call: Promise<unknown>) => (await failure(call)).code;

describe("pairs of one coin", () => {
  test("S5, H2: a sale that works on one pair reserves the coin for the others", async () => {
    at.venue.hold(BTC_USDT, "1");
    await at.guard.place(usdt("SELL", "0.7", { stopPrice: "90" }));
    const refused = await failure(at.guard.place(eur("SELL", "0.4")));
    expect(refused.code).toBe("oversell");
    expect(refused.message).toContain("0.3 are free");
    await at.guard.place(eur("SELL", "0.3"));
  });

  test("S5, H2: so does one whose fate is unknown", async () => {
    at.venue.hold(BTC_USDT, "1");
    at.venue.nextSubmits.push(lost);
    expect(await code(at.guard.place(usdt("SELL", "0.7", { stopPrice: "90" })))).toBe("outcome_unknown");
    expect(await code(at.guard.place(eur("SELL", "0.4")))).toBe("oversell");
  });

  test("S1: what was just bought on one pair can be sold on another before the venue lists it", async () => {
    await at.guard.place(usdt("BUY", "1"));
    expect(at.venue.listed.size).toBe(0);
    await at.guard.place(eur("SELL", "1", { stopPrice: "90" }));
    expect(await code(at.guard.place(usdt("SELL", "0.1")))).toBe("oversell");
  });

  test("S1: what was just sold on one pair is not sold again on another while the list lags", async () => {
    at.venue.hold(BTC_USDT, "1");
    await at.guard.place(usdt("SELL", "1"));
    expect(at.venue.listed.get("BTC")?.toFixed()).toBe("1");
    expect(refusedBy(await failure(at.guard.place(eur("SELL", "1"))))).toEqual(["oversell"]);
  });

  test("S19: the same size on two pairs is two orders, and on one pair it is a duplicate", async () => {
    at.end();
    start({ duplicateWindowMs: 60_000 });
    await at.guard.place(usdt("BUY", "1"));
    await at.guard.place(eur("BUY", "1"));
    expect(await code(at.guard.place(eur("BUY", "1")))).toBe("duplicate_order");
  });

  test("S18: a key stands for the order on its pair, and not for the same one on another", async () => {
    const keyed = { idempotencyKey: "k" };
    await at.guard.place({ ...usdt("BUY", "1"), ...keyed });
    expect(await code(at.guard.place({ ...eur("BUY", "1"), ...keyed }))).toBe("idempotency_key_reused");
    expect((await at.guard.place({ ...usdt("BUY", "1"), ...keyed })).replayed).toBe(true);
  });

  test("S17: the twin of a lost sale waits on its own pair; on another one it is bounded by what is held", async () => {
    at.venue.hold(BTC_USDT, "2");
    at.venue.nextSubmits.push(lost);
    await failure(at.guard.place(usdt("SELL", "1", { stopPrice: "90" })));
    expect(await code(at.guard.place(usdt("SELL", "1", { stopPrice: "90" })))).toBe("unresolved_order");
    await at.guard.place(eur("SELL", "1", { stopPrice: "90" }));
    expect(await code(at.guard.place(eur("SELL", "0.1")))).toBe("oversell");
  });

  test("the cap on a position counts the coin on all pairs", async () => {
    at.end();
    start({ maxPositionValue: decimal(250) });
    await at.guard.place(usdt("BUY", "1"));
    await at.guard.place(eur("BUY", "0.5", { limitPrice: "100" }));
    expect(await code(at.guard.place(usdt("BUY", "1")))).toBe("position_value_exceeded");
  });

  test("S9: a stop on one pair is orphaned when the coin was sold on another", async () => {
    at.venue.hold(BTC_USDT, "1");
    await at.guard.place(usdt("SELL", "1", { stopPrice: "90" }));
    // Somebody sold it by hand.
    at.venue.held.set("BTC", decimal("0.25"));
    at.venue.settle();
    later(120);
    const told = (await at.guard.positions()).warnings?.join();
    expect(told).toMatch(/orphaned_exit: SELL orders for 1 BTC\/USDT .* only 0.25 is held/);
  });

  test("S29: close_position on one pair cancels the protection that stands on another", async () => {
    at.venue.hold(BTC_USDT, "1");
    const stop = await at.guard.place(usdt("SELL", "1", { stopPrice: "90" }));
    await at.guard.closePosition("BTC/EUR", null);
    expect(at.venue.wire).toEqual([
      "SELL 1 BTC/USDT stop",
      `cancel ${stop.orderId}`,
      "SELL 1 BTC/EUR market",
    ]);
  });

  test("S8: while balances cannot be read, the last reading with the fills of all pairs is the proof", async () => {
    at.venue.hold(BTC_USDT, "1");
    await at.guard.place(usdt("SELL", "0.4"));
    at.venue.positionsUnread = "HTTP 500";
    later(120);
    expect(await code(at.guard.place(eur("SELL", "0.7")))).toBe("crosses_flat");
    const sold = await at.guard.place(eur("SELL", "0.6"));
    expect(sold.status).toBe("filled");
  });
});

describe("a pair that is priced in a coin", () => {
  beforeEach(() => at.venue.hold(BTC_USDT, "1"));

  test("S1: buying ETH for BTC takes the BTC from what can be sold, before the venue's list shows it", async () => {
    await at.guard.place(eth("BUY", "10", { limitPrice: "0.05" }));
    at.venue.fill("1", "10", "0.05");
    expect(await code(at.guard.place(usdt("SELL", "0.6")))).toBe("crosses_flat");
    await at.guard.place(usdt("SELL", "0.5"));
  });

  test("S1: fees that were taken in BTC are taken off as well, and any other coin's from that coin", async () => {
    at.venue.hold(pair("BNB/USDT"), "1");
    at.venue.fee = { amount: decimal("0.1"), currency: "BNB" };
    await at.guard.place(usdt("SELL", "0.2"));
    at.venue.fee = { amount: decimal("0.05"), currency: "BTC" };
    await at.guard.place(usdt("SELL", "0.2"));
    later(1);
    // Which fee was taken in what is known from the executions.
    await at.guard.history(1);
    const listed = await at.guard.positions();
    if (listed.kind === "unread") throw new Error(listed.reason);
    const held = listed.value.map((each) => [each.symbol, each.quantity.toFixed()]);
    expect(held).toEqual([
      ["BTC", "0.55"],
      ["BNB", "0.9"],
    ]);
  });

  test("S1: selling ETH for BTC brings BTC that can be sold at once", async () => {
    at.venue.hold(ETH_BTC, "10");
    await at.guard.place(eth("SELL", "10", { limitPrice: "0.05" }));
    at.venue.fill("1", "10", "0.05");
    await at.guard.place(usdt("SELL", "1.5"));
    expect(await code(at.guard.place(usdt("SELL", "0.1")))).toBe("oversell");
  });

  test("S5: a buy that works reserves the BTC that it may pay, ours and those of others", async () => {
    await at.guard.place(eth("BUY", "10", { limitPrice: "0.05" }));
    const refused = await failure(at.guard.place(usdt("SELL", "0.6")));
    expect(refused.code).toBe("oversell");
    expect(refused.message).toContain("already take 0.5 of them");
    const others = { ...at.venue.orders.get("1"), orderId: "f", clientOrderId: null, quantity: decimal(6) };
    at.venue.orders.set("f", others as VenueOrder);
    expect((await failure(at.guard.place(usdt("SELL", "0.3")))).message).toContain(
      "already take 0.8 of them",
    );
    await at.guard.place(usdt("SELL", "0.2"));
  });

  test("S5: an order of somebody else that may pay any amount leaves nothing free", async () => {
    await at.guard.place(eth("BUY", "1", { limitPrice: "0.05" }));
    at.venue.orders.set("f", {
      ...at.venue.orders.get("1"),
      orderId: "f",
      clientOrderId: null,
      orderType: "stop",
      limitPrice: null,
    } as VenueOrder);
    expect(await code(at.guard.place(usdt("SELL", "0.1")))).toBe("oversell");
  });

  test("H2: a buy does not pay with BTC that a stop stands on", async () => {
    await at.guard.place(usdt("SELL", "0.8", { stopPrice: "90" }));
    const refused = await failure(at.guard.place(eth("BUY", "5", { limitPrice: "0.05" })));
    expect(refusedBy(refused)).toEqual(["oversell"]);
    expect(refused.message).toContain("may pay 0.25 BTC");
    expect(refused.message).toContain("0.2 are free");
    await at.guard.place(eth("BUY", "4", { limitPrice: "0.05" }));
  });

  test("S8: a buy does not pay with what nobody can say is held", async () => {
    at.venue.positionsUnread = "HTTP 500";
    expect(refusedBy(await failure(at.guard.place(eth("BUY", "1", { limitPrice: "0.05" }))))).toContain(
      "oversell",
    );
  });

  test("S6: the cap on a position counts BTC that sales of ETH have just brought", async () => {
    at.end();
    start({ maxPositionValue: decimal(120) });
    at.venue.hold(ETH_BTC, "100");
    at.venue.held.set("BTC", decimal(0));
    await at.guard.place(eth("SELL", "20", { limitPrice: "0.05" }));
    at.venue.fill("1", "20", "0.05");
    expect(await code(at.guard.place(eth("SELL", "20", { limitPrice: "0.05" })))).toBe(
      "position_value_exceeded",
    );
  });

  test("S2: what another server bought for BTC is news of BTC", async () => {
    const other = at.another();
    await at.guard.posture();
    at.venue.nextSubmits.length = 0;
    const read = at.venue.marketData.positions.bind(at.venue.marketData);
    let readings = 0;
    at.venue.marketData.positions = async () => {
      const seen = await read();
      readings += 1;
      if (readings === 1) await other.place(eth("BUY", "10", { limitPrice: "0.05" }));
      return seen;
    };
    expect(await code(at.guard.place(usdt("SELL", "0.6")))).toBe("oversell");
    // The first, the other server's, and the one that was made again.
    expect(readings).toBe(3);
  });

  test("S2: what another server sold of BTC is news to a buy that pays with it", async () => {
    const other = at.another();
    await at.guard.posture();
    const read = at.venue.marketData.positions.bind(at.venue.marketData);
    let readings = 0;
    at.venue.marketData.positions = async () => {
      const seen = await read();
      readings += 1;
      if (readings === 1) await other.place(usdt("SELL", "0.8", { stopPrice: "90" }));
      return seen;
    };
    expect(await code(at.guard.place(eth("BUY", "10", { limitPrice: "0.05" })))).toBe("oversell");
    expect(readings).toBe(3);
  });
});
