import { Big, roundDown, ZERO } from "./decimal.ts";
import { freeBalance } from "./spot-balances.ts";
import { pairOf, placesOf } from "./spot-pairs.ts";
import type { VenueRules } from "./venue-rules.ts";

/** What an exchange takes of a fill, and in which of the two assets. */
export interface SpotFees {
  /** Share of the value, such as 0.001. */
  maker: Big;
  taker: Big;
  /** `received`: a buy pays in what it bought. `quote`: both sides pay in the quote asset. */
  in: "received" | "quote";
  /** Decimal places of a commission. */
  places: number;
}

const NEVER = Date.UTC(2999, 0, 1);

/** The share of a buy's value that its commission needs on top of it. */
export function feeInQuote(fees: SpotFees): Big {
  return fees.in === "quote" ? fees.taker : ZERO;
}

/** Assets against assets, around the clock, nothing borrowed. */
export function spotRules(fees: () => SpotFees): VenueRules {
  return {
    charge: (order, fill) => {
      const { base, quote } = pairOf(order.conid);
      const { maker, taker, in: paidIn, places } = fees();
      const rate = fill.maker ? maker : taker;
      const inBase = paidIn === "received" && order.side === "BUY";
      const received = inBase ? fill.quantity : fill.quantity.times(fill.price);
      return {
        commission: received.times(rate).round(places, Big.roundHalfUp),
        exchange: "SPOT",
        spot: { base, quote, commissionAsset: inBase ? base : quote },
      };
    },
    goodTillCancelledEnd: () => NEVER,
    tickOf: (conid) => pairOf(conid).tick,
    quantityPlaces: (conid) => placesOf(pairOf(conid).lot),
    groups: "end",
    childrenWaitFor: "whole fill",
    isCovered: (state, order) => {
      const { base, quote } = pairOf(order.conid);
      const asset = order.side === "SELL" ? base : quote;
      return freeBalance(state, order.account, asset, feeInQuote(fees())).gte(0);
    },
    affordable: (state, order, price) => {
      const { base, quote, lot } = pairOf(order.conid);
      const extra = feeInQuote(fees());
      if (order.side === "SELL") return freeBalance(state, order.account, base, extra, order);
      const money = freeBalance(state, order.account, quote, extra, order);
      return roundDown(money.div(price.times(extra.plus(1))), placesOf(lot));
    },
  };
}
