import { TradingError } from "../domain/errors.ts";
import { type Instrument, roundLimitPrice, roundStopPrice } from "../domain/instrument.ts";
import { ZERO } from "../domain/money.ts";
import type { OrderIntent, OrderRequest } from "../domain/order.ts";
import type { Quote } from "../domain/quote.ts";
import type { Reading } from "../domain/reading.ts";
import type { Policy } from "./policy.ts";
import { priceBoundOf } from "./worst-case.ts";

/** Refuses what cannot be an order at all, before the venue is asked anything. */
export function checkRequest(request: OrderRequest): void {
  const { quantity, cashAmount, limitPrice, stopPrice, orderType, side } = request;
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
  for (const [name, value] of Object.entries({ quantity, cashAmount, limitPrice, stopPrice })) {
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
    timeInForce: request.timeInForce,
    priceBound: priceBoundOf(request, instrument, quote, policy, now),
  };
}
