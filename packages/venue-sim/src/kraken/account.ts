import { balancesOf, type Exchange } from "../exchange/exchange.ts";
import { assetName, pairName, pairsIn } from "./assets.ts";
import type { Parameters } from "./parameters.ts";

const PLACES = 10;
const MONEY_PLACES = 4;

const isMoney = (asset: string) => asset === "USD" || asset === "EUR";
const placesFor = (asset: string) => (isMoney(asset) ? MONEY_PLACES : PLACES);

export function balance(exchange: Exchange): unknown {
  return Object.fromEntries(
    balancesOf(exchange).map(({ asset, total }) => [assetName(asset), total.toFixed(placesFor(asset))]),
  );
}

export function extendedBalance(exchange: Exchange): unknown {
  return Object.fromEntries(
    balancesOf(exchange).map(({ asset, total, locked }) => [
      assetName(asset),
      { balance: total.toFixed(placesFor(asset)), hold_trade: locked.toFixed(placesFor(asset)) },
    ]),
  );
}

export function tradeVolume(exchange: Exchange, parameters: Parameters): unknown {
  const { makerFee, takerFee } = exchange.settings;
  const tier = (fee: string) => ({
    fee: (Number(fee) * 100).toFixed(4),
    minfee: "0.1000",
    maxfee: (Number(fee) * 100).toFixed(4),
    nextfee: null,
    nextvolume: null,
    tiervolume: "0.0000",
  });
  const pairs = parameters.has("pair") ? pairsIn(exchange, parameters) : [];
  return {
    currency: "ZUSD",
    volume: "0.0000",
    fees: Object.fromEntries(pairs.map((pair) => [pairName(pair), tier(takerFee)])),
    fees_maker: Object.fromEntries(pairs.map((pair) => [pairName(pair), tier(makerFee)])),
  };
}
