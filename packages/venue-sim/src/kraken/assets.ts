import type { Exchange } from "../exchange/exchange.ts";
import { placesOf, type SpotPair } from "../market/spot-pairs.ts";
import { refuse } from "./errors.ts";
import type { Parameters } from "./parameters.ts";

/** This exchange's own names: an X before old coins, a Z before money, and XBT for bitcoin. */
const ASSET_NAMES: Record<string, string> = {
  BTC: "XXBT",
  ETH: "XETH",
  USD: "ZUSD",
  EUR: "ZEUR",
};
const ALTERNATIVE_NAMES: Record<string, string> = { BTC: "XBT" };

export const assetName = (asset: string): string => ASSET_NAMES[asset] ?? asset;
export const altName = (asset: string): string => ALTERNATIVE_NAMES[asset] ?? asset;

/** `XXBTZUSD`, but `SOLUSD` where an asset has no prefix of its own. */
export function pairName({ base, quote }: SpotPair): string {
  const prefixed = base in ASSET_NAMES && quote in ASSET_NAMES;
  return prefixed ? `${assetName(base)}${assetName(quote)}` : `${altName(base)}${altName(quote)}`;
}

export const pairAltName = ({ base, quote }: SpotPair): string => `${altName(base)}${altName(quote)}`;
const webSocketName = ({ base, quote }: SpotPair): string => `${altName(base)}/${altName(quote)}`;

export function pairNamed(exchange: Exchange, name: string): SpotPair {
  return (
    exchange.pairs.find((pair) => [pairName(pair), pairAltName(pair), webSocketName(pair)].includes(name)) ??
    refuse("EQuery:Unknown asset pair")
  );
}

/** The pairs of a comma-separated list; all when there is none. */
export function pairsIn(exchange: Exchange, parameters: Parameters): readonly SpotPair[] {
  const names = parameters.text("pair");
  return names === undefined ? exchange.pairs : names.split(",").map((name) => pairNamed(exchange, name));
}

export function assets(exchange: Exchange): unknown {
  const names = [...new Set(exchange.pairs.flatMap(({ base, quote }) => [base, quote]))];
  return Object.fromEntries(
    names.map((asset) => {
      const money = asset === "USD" || asset === "EUR";
      return [
        assetName(asset),
        {
          aclass: "currency",
          altname: altName(asset),
          decimals: money ? 4 : 10,
          display_decimals: money ? 2 : 5,
          status: "enabled",
        },
      ];
    }),
  );
}

export function assetPairs(exchange: Exchange, parameters: Parameters): unknown {
  const { makerFee, takerFee } = exchange.settings;
  const percent = (fee: string) => Number((Number(fee) * 100).toFixed(6));
  return Object.fromEntries(
    pairsIn(exchange, parameters).map((pair) => [
      pairName(pair),
      {
        altname: pairAltName(pair),
        wsname: webSocketName(pair),
        aclass_base: "currency",
        base: assetName(pair.base),
        aclass_quote: "currency",
        quote: assetName(pair.quote),
        lot: "unit",
        cost_decimals: 5,
        pair_decimals: placesOf(pair.tick),
        lot_decimals: placesOf(pair.lot),
        lot_multiplier: 1,
        leverage_buy: [],
        leverage_sell: [],
        fees: [[0, percent(takerFee)]],
        fees_maker: [[0, percent(makerFee)]],
        fee_volume_currency: "ZUSD",
        margin_call: 80,
        margin_stop: 40,
        ordermin: pair.minimumQuantity.toFixed(),
        costmin: pair.minimumValue.toFixed(),
        tick_size: pair.tick.toFixed(),
        status: exchange.market.isHalted(pair.conid) ? "cancel_only" : "online",
      },
    ]),
  );
}
