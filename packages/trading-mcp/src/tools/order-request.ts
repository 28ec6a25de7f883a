import { TradingError } from "trading-core/domain/errors";
import type { Decimal } from "trading-core/domain/money";
import type { BracketPrices, OrderRequest, OrderType, Side } from "trading-core/domain/order";

export interface OrderArguments {
  symbol: string;
  side: Side;
  cash_amount?: Decimal | undefined;
  quantity?: Decimal | undefined;
  limit_price?: Decimal | undefined;
  stop_price?: Decimal | undefined;
  trail_amount?: Decimal | undefined;
  trail_percent?: Decimal | undefined;
  take_profit?: Decimal | undefined;
  stop_loss?: Decimal | undefined;
  entry_limit_price?: Decimal | undefined;
  time_in_force?: "DAY" | "GTC" | undefined;
  idempotency_key?: string | undefined;
}

/** The request that the arguments mean, or the one thing that keeps them from meaning any. */
export function orderRequest(args: OrderArguments): OrderRequest {
  refuseBadSize(args);
  const bracket = bracketOf(args);
  const limitPrice = args.limit_price ?? args.entry_limit_price ?? null;
  const orderType = orderTypeOf(args);
  if (args.time_in_force !== undefined && orderType === "market") {
    throw new TradingError(
      "time_in_force_unused",
      "time_in_force goes with a limit_price or a stop_price; a market order is filled at once or not at all.",
      "Leave time_in_force out, or add limit_price.",
    );
  }
  return {
    symbol: args.symbol,
    side: args.side,
    orderType,
    quantity: args.quantity ?? null,
    cashAmount: args.cash_amount ?? null,
    limitPrice,
    stopPrice: args.stop_price ?? null,
    ...(orderType === "trailing_stop" && trailOf(args)),
    ...(bracket && { bracket }),
    // Protection has to outlive the day; a plain order, and a bracket's entry, is meant for today.
    timeInForce: args.time_in_force ?? (isStop(orderType) ? "GTC" : "DAY"),
    ...(args.time_in_force === undefined && orderType !== "market" && { isDefaultTimeInForce: true }),
    ...(args.idempotency_key !== undefined && { idempotencyKey: args.idempotency_key }),
  };
}

/** The one distance of a trailing stop; two of them, or one beside a price, mean nothing. */
function trailOf({ trail_amount, trail_percent, limit_price, stop_price }: OrderArguments) {
  if ((trail_amount === undefined) === (trail_percent === undefined)) {
    throw new TradingError(
      trail_amount === undefined ? "trail_required" : "trail_conflict",
      trail_amount === undefined
        ? "The trailing stop has no distance."
        : "trail_amount and trail_percent were both given; they are two distances for one order.",
      "Give exactly one: trail_amount (in price) or trail_percent.",
    );
  }
  if (limit_price !== undefined || stop_price !== undefined) {
    throw new TradingError(
      "trail_conflict",
      "A trailing stop takes its trigger from the market; limit_price and stop_price do not go with it.",
      "Leave the prices out, or use stop_order for a fixed trigger.",
    );
  }
  return { trailAmount: trail_amount ?? null, trailPercent: trail_percent ?? null };
}

/** The exits of a bracket, which come as a pair; null for an order without them. */
function bracketOf({
  take_profit,
  stop_loss,
  entry_limit_price,
  ...args
}: OrderArguments): BracketPrices | null {
  if (take_profit === undefined && stop_loss === undefined && entry_limit_price === undefined) return null;
  if (take_profit === undefined || stop_loss === undefined) {
    throw new TradingError(
      "bracket_incomplete_arguments",
      "A bracket has both a take_profit and a stop_loss.",
      "Give both with bracket_order; to place one protective order use stop_order or trailing_stop.",
    );
  }
  const { limit_price, stop_price, trail_amount, trail_percent, cash_amount } = args;
  const others = [limit_price, stop_price, trail_amount, trail_percent, cash_amount];
  if (others.some((each) => each !== undefined)) {
    throw new TradingError(
      "bracket_conflict",
      "A bracket is sized by quantity, and its entry takes entry_limit_price and no other price.",
      "Leave cash_amount, limit_price, stop_price, trail_amount and trail_percent out.",
    );
  }
  return { takeProfit: take_profit, stopLoss: stop_loss };
}

function isStop(type: OrderType): boolean {
  return type === "stop" || type === "stop_limit" || type === "trailing_stop";
}

function orderTypeOf(args: OrderArguments): OrderType {
  const { stop_price } = args;
  const limit_price = args.limit_price ?? args.entry_limit_price;
  if (args.trail_amount !== undefined || args.trail_percent !== undefined) return "trailing_stop";
  if (stop_price !== undefined) return limit_price === undefined ? "stop" : "stop_limit";
  return limit_price === undefined ? "market" : "limit";
}

function refuseBadSize(args: OrderArguments): void {
  const { cash_amount, quantity, side } = args;
  if (cash_amount === undefined && quantity === undefined) {
    throw new TradingError(
      "size_required",
      "The order has no size.",
      side === "BUY"
        ? "Give quantity (shares or units), or cash_amount (money) for a market buy."
        : "Give quantity (shares or units).",
    );
  }
  if (cash_amount === undefined) return;
  if (quantity !== undefined) {
    throw new TradingError(
      "size_conflict",
      "cash_amount and quantity were both given; they are two sizes for one order.",
      "Give exactly one of them.",
    );
  }
  if (side === "SELL") {
    throw new TradingError(
      "cash_amount_buy_only",
      "cash_amount sizes a buy; a sell is sized by quantity, so that it can be proven to be held.",
      "Look up the quantity with positions and give quantity.",
    );
  }
  if (args.limit_price !== undefined || args.stop_price !== undefined) {
    throw new TradingError(
      "cash_amount_market_only",
      "cash_amount goes with market buys only; an order with a price is sized by quantity.",
      "Divide the amount by the price and give quantity, or leave the price out.",
    );
  }
}
