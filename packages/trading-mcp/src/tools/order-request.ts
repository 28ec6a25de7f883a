import { TradingError } from "trading-core/domain/errors";
import type { Decimal } from "trading-core/domain/money";
import type { OrderRequest, OrderType, Side } from "trading-core/domain/order";

export interface OrderArguments {
  symbol: string;
  side: Side;
  cash_amount?: Decimal | undefined;
  quantity?: Decimal | undefined;
  limit_price?: Decimal | undefined;
  stop_price?: Decimal | undefined;
  time_in_force?: "DAY" | "GTC" | undefined;
  idempotency_key?: string | undefined;
}

/** The request that the arguments mean, or the one thing that keeps them from meaning any. */
export function orderRequest(args: OrderArguments): OrderRequest {
  refuseBadSize(args);
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
    limitPrice: args.limit_price ?? null,
    stopPrice: args.stop_price ?? null,
    // Protection has to outlive the day; a plain order is meant for today.
    timeInForce: args.time_in_force ?? (args.stop_price === undefined ? "DAY" : "GTC"),
    ...(args.idempotency_key !== undefined && { idempotencyKey: args.idempotency_key }),
  };
}

function orderTypeOf({ limit_price, stop_price }: OrderArguments): OrderType {
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
