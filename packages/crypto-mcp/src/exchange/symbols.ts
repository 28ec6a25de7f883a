import { TradingError } from "trading-core/domain/errors";
import type { Instrument } from "trading-core/domain/instrument";
import { type Decimal, parseDecimal, ZERO } from "trading-core/domain/money";
import type { CcxtMarket } from "./ccxt.ts";
import { takerFeeOf } from "./fees.ts";
import type { Markets } from "./markets.ts";
import type { ExchangeProfile } from "./profile.ts";

/**
 * The instrument that a symbol means: "BTC/USDT", or "BTC" for BTC against the configured quote currency.
 * Only spot markets are known at all. Its id is the base asset, because that is what is held: a coin bought
 * for one currency is the same coin when it is sold for another.
 *
 * Throws `unknown_symbol` with what there is instead, `not_spot`, or `exchange_unavailable`.
 */
export function resolveSymbol(
  symbol: string,
  markets: Markets,
  profile: ExchangeProfile,
  quoteCurrency: string,
): Instrument {
  const asked = symbol.trim().toUpperCase();
  if (asked.includes(":")) {
    throw new TradingError(
      "not_spot",
      `${asked} names a derivative; this server trades spot only.`,
      `Use the spot pair, such as ${asked.split(":")[0] ?? "BTC/USDT"}.`,
    );
  }
  const wanted = asked.includes("/") ? asked : `${asked}/${quoteCurrency}`;
  const market = markets.bySymbol(wanted);
  if (market === null) throw unknownSymbol(asked, wanted, markets, profile);
  return instrumentOf(market, profile);
}

/** Throws `exchange_unavailable` where the exchange did not say how finely it is traded. */
export function instrumentOf(market: CcxtMarket, profile: ExchangeProfile): Instrument {
  const quantityStep = positive(market.precision.amount);
  const increment = positive(market.precision.price);
  if (quantityStep === null || increment === null) {
    throw new TradingError(
      "exchange_unavailable",
      `${profile.name} does not say in which steps ${market.symbol} is traded.`,
      "Choose another market.",
    );
  }
  const spotAllowed = market.info.isSpotTradingAllowed !== false;
  return {
    id: market.base,
    symbol: market.symbol,
    name: null,
    kind: "spot",
    currency: market.quote,
    exchange: profile.name,
    usListed: null,
    tradable: market.active === undefined ? null : market.active && spotAllowed,
    priceSteps: [{ from: ZERO, increment }],
    quantityStep,
    minimumQuantity: positive(market.limits.amount?.min),
    minimumNotional: positive(market.limits.cost?.min),
    takesCashAmount: profile.forms.takesCashAmount(market),
    feeBound: takerFeeOf(profile.id),
  };
}

function positive(value: string | undefined): Decimal | null {
  const figure = parseDecimal(value);
  return figure?.gt(ZERO) ? figure : null;
}

const MOST_NAMED = 5;

function unknownSymbol(
  asked: string,
  wanted: string,
  markets: Markets,
  profile: ExchangeProfile,
): TradingError {
  const [base = ""] = wanted.split("/");
  const others = markets.all().filter((market) => market.base === base && market.active !== false);
  const named = others.slice(0, MOST_NAMED).map((market) => market.symbol);
  const meant = asked === wanted ? "" : ` (taken as ${wanted})`;
  return new TradingError(
    "unknown_symbol",
    `${profile.name} has no spot market ${asked}${meant}.`,
    named.length > 0 ? `There is ${named.join(", ")}.` : "Check the symbol; pairs are written BTC/USDT.",
  );
}
