import type { Big } from "../market/decimal.ts";
import { instrumentByConid } from "../market/instruments.ts";
import { type Gateway, seconds } from "./gateway.ts";
import { lastPrice, valuationOf } from "./valuation.ts";

/** Per currency plus `BASE`, which is a total and no currency. Not cached: it moves before positions do. */
export function ledger(gateway: Gateway, id: string) {
  const value = valuationOf(gateway, id);
  const row = (currency: string) => ({
    commoditymarketvalue: 0,
    futuremarketvalue: 0,
    settledcash: value.cash.toNumber(),
    exchangerate: 1,
    sessionid: 1,
    cashbalance: value.cash.toNumber(),
    corporatebondsmarketvalue: 0,
    warrantsmarketvalue: 0,
    netliquidationvalue: value.netLiquidation.toNumber(),
    interest: 0,
    unrealizedpnl: value.unrealizedPnl.toNumber(),
    stockmarketvalue: value.positionsValue.toNumber(),
    moneyfunds: 0,
    currency,
    realizedpnl: value.realizedPnl.toNumber(),
    funds: 0,
    acctcode: id,
    issueroptionsmarketvalue: 0,
    key: "LedgerList",
    timestamp: seconds(gateway.clock.now()),
    severity: 0,
    stockoptionmarketvalue: 0,
    futuresonlypnl: 0,
    tbondsmarketvalue: 0,
    futureoptionmarketvalue: 0,
    cashbalancefxsegment: 0,
    secondkey: currency,
    tbillsmarketvalue: 0,
    dividends: 0,
    cryptocurrencyvalue: 0,
  });
  return { [value.currency]: { ...row(value.currency), endofbundle: 1 }, BASE: row("BASE") };
}

/** Amounts that belong to the whole account, and amounts that a segment of commodities cannot have. */
const WHOLE_ACCOUNT = ["buyingpower", "settledcash"];
const NO_COMMODITIES = ["grosspositionvalue", "previousdayequitywithloanvalue"];

export function summary(gateway: Gateway, id: string) {
  const value = valuationOf(gateway, id);
  const timestamp = gateway.clock.now();
  const entries: Record<string, unknown> = {};
  const text = (key: string, content: string) => {
    entries[key] = { amount: 0, currency: null, isNull: false, timestamp, value: content, severity: 0 };
  };
  const money = (key: string, amount: Big) => {
    const entry = {
      amount: amount.toNumber(),
      currency: value.currency,
      isNull: false,
      timestamp,
      value: null,
      severity: 0,
    };
    entries[key] = entry;
    if (WHOLE_ACCOUNT.includes(key)) return;
    entries[`${key}-s`] = entry;
    if (!NO_COMMODITIES.includes(key)) entries[`${key}-c`] = { ...entry, amount: 0 };
  };
  text("accountcode", id);
  text("accounttype", "INDIVIDUAL");
  text("accountready", "true");
  const amounts: Record<string, Big> = {
    netliquidation: value.netLiquidation,
    totalcashvalue: value.cash,
    settledcash: value.cash,
    availablefunds: value.availableFunds,
    fullavailablefunds: value.availableFunds,
    lookaheadavailablefunds: value.availableFunds,
    excessliquidity: value.availableFunds,
    fullexcessliquidity: value.availableFunds,
    lookaheadexcessliquidity: value.availableFunds,
    buyingpower: value.buyingPower,
    initmarginreq: value.initialMargin,
    fullinitmarginreq: value.initialMargin,
    lookaheadinitmarginreq: value.initialMargin,
    maintmarginreq: value.maintenanceMargin,
    fullmaintmarginreq: value.maintenanceMargin,
    lookaheadmaintmarginreq: value.maintenanceMargin,
    grosspositionvalue: value.grossPositions,
    equitywithloanvalue: value.equity,
    previousdayequitywithloanvalue: value.equity.minus(value.dailyPnl),
    accruedcash: value.cash.times(0),
    accrueddividend: value.cash.times(0),
  };
  for (const [key, amount] of Object.entries(amounts)) money(key, amount);
  const cushion = value.netLiquidation.gt(0)
    ? value.availableFunds.div(value.netLiquidation)
    : value.cash.times(0);
  entries.cushion = {
    amount: cushion.round(6).toNumber(),
    currency: null,
    isNull: false,
    timestamp,
    value: cushion.toFixed(6),
    severity: 0,
  };
  return entries;
}

/** Null for an account without positions, which the venue answers with an error. */
export function allocation(gateway: Gateway, id: string) {
  const account = gateway.engine.state.accounts.get(id);
  const held = [...(account?.positions.values() ?? [])].filter((position) => !position.quantity.eq(0));
  if (account === undefined || held.length === 0) return null;
  const groups = {
    assetClass: { long: {} as Record<string, number>, short: {} as Record<string, number> },
    sector: { long: {} as Record<string, number>, short: {} as Record<string, number> },
    group: { long: {} as Record<string, number>, short: {} as Record<string, number> },
  };
  for (const position of held) {
    const instrument = instrumentByConid(position.conid);
    const value = position.quantity.times(lastPrice(gateway, position.conid)).round(2).toNumber();
    const side = value < 0 ? "short" : "long";
    const add = (into: Record<string, number>, key: string) => {
      into[key] = Number(((into[key] ?? 0) + value).toFixed(2));
    };
    add(groups.assetClass[side], "STK");
    add(groups.sector[side], instrument?.sector ?? "Others");
    add(groups.group[side], instrument?.group ?? "Others");
  }
  groups.assetClass.long.CASH = account.cash.round(2).toNumber();
  return groups;
}
