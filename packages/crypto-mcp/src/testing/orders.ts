import { type Decimal, decimal } from "trading-core/domain/money";
import type { OrderIntent } from "trading-core/domain/order";
import type { CcxtMarket } from "../exchange/ccxt.ts";
import type { Connection } from "../exchange/connection.ts";
import type { Exchange } from "../exchange/load-exchange.ts";
import { loadExchange } from "../exchange/load-exchange.ts";
import { type ExchangeId, profiles } from "../exchange/profile.ts";
import { instrumentOf } from "../exchange/symbols.ts";
import { createWire } from "../exchange/wire.ts";

export const NOW = Date.parse("2026-03-02T15:00:00Z");

const BINANCE_TYPES = ["LIMIT", "LIMIT_MAKER", "MARKET", "STOP_LOSS", "STOP_LOSS_LIMIT", "TAKE_PROFIT"];

const MARKETS: Record<ExchangeId, CcxtMarket> = {
  binance: marketOf("BTCUSDT", "BTC/USDT", "0.00001", "0.01", {
    orderTypes: BINANCE_TYPES,
    isSpotTradingAllowed: true,
    quoteOrderQtyMarketAllowed: true,
    allowTrailingStop: true,
  }),
  kraken: marketOf("XBTUSDT", "BTC/USDT", "0.00000001", "0.1", { altname: "XBTUSDT", wsname: "XBT/USDT" }),
};

export function marketFor(id: ExchangeId, changes: Partial<CcxtMarket> = {}): CcxtMarket {
  return { ...MARKETS[id], ...changes };
}

export function marketOf(
  id: string,
  symbol: string,
  amount: string,
  price: string,
  info: Record<string, unknown>,
): CcxtMarket {
  const [base = "", quote = ""] = symbol.split("/");
  return {
    id,
    symbol,
    base,
    quote,
    type: "spot",
    spot: true,
    contract: false,
    active: true,
    precision: { amount, price },
    limits: { amount: { min: amount }, cost: { min: "5" } },
    info,
  };
}

type Figure = string | Decimal | null;

/** An intent on BTC/USDT with a fixed client order id; figures as text. */
export function intentFor(
  id: ExchangeId,
  order: Partial<
    Omit<
      OrderIntent,
      "quantity" | "cashAmount" | "limitPrice" | "stopPrice" | "priceBound" | "trailAmount" | "trailPercent"
    >
  > & {
    quantity?: Figure;
    cashAmount?: Figure;
    limitPrice?: Figure;
    stopPrice?: Figure;
    priceBound?: Figure;
    trailAmount?: Figure;
    trailPercent?: Figure;
  },
): OrderIntent {
  const figure = (value: Figure | undefined) => (value == null ? null : decimal(value));
  return {
    clientOrderId: "ab12cdefghijklmnop",
    instrument: instrumentOf(marketFor(id), profiles[id]),
    side: "BUY",
    orderType: "market",
    timeInForce: "GTC",
    ...order,
    quantity: figure(order.quantity),
    cashAmount: figure(order.cashAmount),
    limitPrice: figure(order.limitPrice),
    stopPrice: figure(order.stopPrice),
    priceBound: figure(order.priceBound),
    trailAmount: figure(order.trailAmount),
    trailPercent: figure(order.trailPercent),
  };
}

/** The real library against a loopback server, with a key that fits nothing. */
export function exchangeAt(id: ExchangeId, base: string): Promise<Exchange> {
  return loadExchange({
    profile: profiles[id],
    base,
    credentials: {
      apiKey: "test-key",
      secret: Buffer.from("test-secret").toString("base64"),
      password: null,
    },
    wire: createWire([base], { now: () => NOW }),
    clock: { now: () => NOW },
  });
}

/** What a write needs of a connection, without its limits. */
export function writing(exchange: Exchange): Pick<Connection, "exchange" | "write"> {
  return { exchange, write: (passage, call) => exchange.write(passage, call) };
}
