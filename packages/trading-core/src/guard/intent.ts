import { TradingError } from "../domain/errors.ts";
import { type Instrument, roundLimitPrice, roundStopPrice } from "../domain/instrument.ts";
import { ZERO } from "../domain/money.ts";
import {
  type BracketExits,
  type BracketPrices,
  type OrderIntent,
  type OrderRequest,
  opposite,
  type Side,
} from "../domain/order.ts";
import type { Quote } from "../domain/quote.ts";
import type { Reading } from "../domain/reading.ts";
import type { Policy } from "./policy.ts";
import { priceBoundOf } from "./worst-case.ts";

/** Refuses what cannot be an order at all, before the venue is asked anything. */
export function checkRequest(request: OrderRequest): void {
  const { quantity, cashAmount, limitPrice, stopPrice, orderType, side } = request;
  const { trailAmount = null, trailPercent = null, bracket } = request;
  if ((quantity === null) === (cashAmount === null)) {
    throw new TradingError(
      quantity === null ? "size_required" : "size_conflict",
      quantity === null ? "The order has no size." : "The order has both a quantity and a cash_amount.",
      "Give exactly one: quantity (shares), or cash_amount (money, market buys only).",
    );
  }
  if (cashAmount !== null && (side !== "BUY" || orderType !== "market")) {
    throw new TradingError(
      "cash_amount_not_supported",
      "Only a market buy can be sized by an amount of money.",
      "Give a quantity. To sell everything, use close_position.",
    );
  }
  const wantsLimit = orderType === "limit" || orderType === "stop_limit";
  const wantsStop = orderType === "stop" || orderType === "stop_limit";
  if (wantsLimit !== (limitPrice !== null) || wantsStop !== (stopPrice !== null)) {
    throw new TradingError(
      "prices_do_not_fit",
      `A ${orderType} order takes ${wantsLimit ? "a" : "no"} limit_price and ${wantsStop ? "a" : "no"} stop_price.`,
      "Correct the prices.",
    );
  }
  const trails = [trailAmount, trailPercent].filter((each) => each !== null).length;
  if (trails !== (orderType === "trailing_stop" ? 1 : 0)) {
    throw new TradingError(
      "trail_does_not_fit",
      orderType === "trailing_stop"
        ? "A trailing stop takes exactly one of trail_amount and trail_percent."
        : `A ${orderType} order takes neither trail_amount nor trail_percent.`,
      "Correct the distance.",
    );
  }
  if (bracket && (cashAmount !== null || (orderType !== "market" && orderType !== "limit"))) {
    throw new TradingError(
      "bracket_does_not_fit",
      "The entry of a bracket is a market or limit order by quantity: its exits have to be of the same size.",
      "Give a quantity, and entry_limit_price or none.",
    );
  }
  const { takeProfit = null, stopLoss = null } = bracket ?? {};
  const given = {
    quantity,
    cashAmount,
    limitPrice,
    stopPrice,
    trailAmount,
    trailPercent,
    takeProfit,
    stopLoss,
  };
  for (const [name, value] of Object.entries(given)) {
    if (value?.lte(ZERO)) {
      throw new TradingError("not_positive", `${name} must be greater than 0.`, "Correct the value.");
    }
  }
}

/** The request on its instrument, with its prices on the venue's ticks, rounded in the safe direction only. */
export function intentOf(
  request: OrderRequest,
  instrument: Instrument,
  quote: Reading<Quote>,
  policy: Policy,
  clientOrderId: string,
  now: number,
): OrderIntent {
  const { side, limitPrice, stopPrice } = request;
  return {
    clientOrderId,
    instrument,
    side,
    orderType: request.orderType,
    quantity: request.quantity,
    cashAmount: request.cashAmount,
    limitPrice: limitPrice === null ? null : roundLimitPrice(instrument, side, limitPrice),
    stopPrice: stopPrice === null ? null : roundStopPrice(instrument, side, stopPrice),
    ...(request.trailAmount && { trailAmount: request.trailAmount }),
    ...(request.trailPercent && { trailPercent: request.trailPercent }),
    ...(request.bracket && { exits: exitsOf(request.bracket, instrument, side, clientOrderId) }),
    timeInForce: lastingOf(request, policy),
    priceBound: priceBoundOf(request, instrument, quote, policy, now),
  };
}

/**
 * The exits' prices on the venue's ticks. Their ids follow from the entry's, of which they change the last
 * character: in the form that every server takes for one of ours, and as unique as it is.
 */
function exitsOf(prices: BracketPrices, instrument: Instrument, side: Side, entryId: string): BracketExits {
  const exit = opposite(side);
  return {
    takeProfit: roundLimitPrice(instrument, exit, prices.takeProfit),
    stopLoss: roundStopPrice(instrument, exit, prices.stopLoss),
    takeProfitId: legId(entryId, 1),
    stopLossId: legId(entryId, 2),
  };
}

function legId(entryId: string, step: number): string {
  const last = Number.parseInt(entryId.slice(-1) || "0", 36);
  return entryId.slice(0, -1) + ((last + step) % 36).toString(36);
}

/** A day order is one of a market that closes (S26); an explicit one is the venue's to refuse. */
function lastingOf(request: OrderRequest, policy: Policy): OrderRequest["timeInForce"] {
  const isDay = request.timeInForce === "DAY" && request.isDefaultTimeInForce === true;
  return isDay && policy.calendar === "always_open" ? "GTC" : request.timeInForce;
}
