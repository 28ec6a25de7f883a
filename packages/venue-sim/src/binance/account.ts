import { balancesOf, type Exchange } from "../exchange/exchange.ts";
import { Big } from "../market/decimal.ts";
import { amount } from "./market-data.ts";
import type { Parameters } from "./parameters.ts";
import { symbolIn, symbolsIn } from "./symbols.ts";

export function account(exchange: Exchange, parameters: Parameters): unknown {
  const { canTrade, canWithdraw, makerFee, takerFee } = exchange.settings;
  const hideZeros = parameters.text("omitZeroBalances") === "true";
  const inBasisPoints = (fee: string) => Number(new Big(fee).times(10_000).toFixed(0));
  return {
    makerCommission: inBasisPoints(makerFee),
    takerCommission: inBasisPoints(takerFee),
    buyerCommission: 0,
    sellerCommission: 0,
    commissionRates: { maker: amount(new Big(makerFee)), taker: amount(new Big(takerFee)), ...NO_EXTRAS },
    canTrade,
    canWithdraw,
    canDeposit: true,
    brokered: false,
    requireSelfTradePrevention: false,
    preventSor: false,
    updateTime: exchange.clock.now(),
    accountType: "SPOT",
    balances: allBalances(exchange).filter(
      ({ free, locked }) => !hideZeros || Number(free) + Number(locked) > 0,
    ),
    permissions: ["SPOT"],
    uid: Number(exchange.account()),
  };
}

const NO_EXTRAS = { buyer: "0.00000000", seller: "0.00000000" };

/** Every asset that is listed, owned or not, as the exchange shows them. */
function allBalances(exchange: Exchange): { asset: string; free: string; locked: string }[] {
  const owned = new Map(balancesOf(exchange).map((balance) => [balance.asset, balance]));
  const listed = exchange.pairs.flatMap(({ base, quote }) => [base, quote]);
  return [...new Set([...listed, ...owned.keys()])].map((asset) => {
    const balance = owned.get(asset);
    return { asset, free: amount(balance?.free ?? 0), locked: amount(balance?.locked ?? 0) };
  });
}

/** What the API key may do, which the account itself does not tell. */
export function keyRestrictions(exchange: Exchange): unknown {
  const { canTrade, canWithdraw, ipRestricted } = exchange.settings;
  return {
    ipRestrict: ipRestricted,
    createTime: 1_700_000_000_000,
    enableReading: true,
    enableSpotAndMarginTrading: canTrade,
    enableWithdrawals: canWithdraw,
    enableInternalTransfer: false,
    permitsUniversalTransfer: false,
    enableMargin: false,
    enableFutures: false,
    enableVanillaOptions: false,
    enablePortfolioMarginTrading: false,
    enableFixApiTrade: false,
    enableFixReadOnly: false,
  };
}

export function systemStatus(exchange: Exchange): unknown {
  return exchange.settings.status === "online"
    ? { status: 0, msg: "normal" }
    : { status: 1, msg: "system maintenance" };
}

export function commission(exchange: Exchange, parameters: Parameters): unknown {
  const { symbol } = symbolIn(exchange, parameters);
  return { symbol, ...commissionRates(exchange) };
}

export function commissionRates(exchange: Exchange) {
  const { makerFee, takerFee } = exchange.settings;
  const none = { maker: "0.00000000", taker: "0.00000000", ...NO_EXTRAS };
  return {
    standardCommission: { maker: amount(new Big(makerFee)), taker: amount(new Big(takerFee)), ...NO_EXTRAS },
    taxCommission: none,
    discount: {
      enabledForAccount: false,
      enabledForSymbol: false,
      discountAsset: "BNB",
      discount: "0.75000000",
    },
  };
}

export function tradeFees(exchange: Exchange, parameters: Parameters): unknown {
  const { makerFee, takerFee } = exchange.settings;
  return symbolsIn(exchange, parameters).map(({ symbol }) => ({
    symbol,
    makerCommission: makerFee,
    takerCommission: takerFee,
  }));
}
