import type { Position } from "../market/account-state.ts";
import { type Instrument, instrumentByConid } from "../market/instruments.ts";
import { type Gateway, seconds } from "./gateway.ts";
import { securityRow } from "./security-row.ts";
import { lastPrice } from "./valuation.ts";

function prices(gateway: Gateway, position: Position) {
  const price = lastPrice(gateway, position.conid);
  return {
    price,
    value: position.quantity.times(price).round(2),
    unrealized: position.quantity.times(price.minus(position.averageCost)).round(2),
  };
}

/** The row that the first read of a login gets: no contract details yet. */
export function shortRow(gateway: Gateway, accountId: string, position: Position) {
  const { price, value, unrealized } = prices(gateway, position);
  const instrument = instrumentByConid(position.conid);
  return {
    acctId: accountId,
    conid: position.conid,
    contractDesc: instrument?.symbol ?? "",
    position: position.quantity.toNumber(),
    mktPrice: price.toNumber(),
    mktValue: value.toNumber(),
    currency: instrument?.currency ?? "USD",
    avgCost: position.averageCost.toNumber(),
    avgPrice: position.averageCost.toNumber(),
    realizedPnl: position.realizedPnl.round(2).toNumber(),
    unrealizedPnl: unrealized.toNumber(),
    exchs: null,
    expiry: null,
    putOrCall: null,
    multiplier: null as number | null,
    strike: 0 as number | string,
    exerciseStyle: null,
    conExchMap: [],
    assetClass: "STK",
    undConid: 0,
    model: "",
  };
}

/** Later reads: contract details, values in the base currency, and a strike that became text. */
export function longRow(gateway: Gateway, accountId: string, position: Position) {
  const row = shortRow(gateway, accountId, position);
  const instrument = instrumentByConid(position.conid);
  return {
    ...row,
    multiplier: 0,
    strike: "0",
    ...(instrument === undefined ? {} : details(gateway, instrument)),
    baseMktValue: row.mktValue,
    baseMktPrice: row.mktPrice,
    baseAvgCost: row.avgCost,
    baseAvgPrice: row.avgPrice,
    baseRealizedPnl: row.realizedPnl,
    baseUnrealizedPnl: row.unrealizedPnl,
  };
}

function details(gateway: Gateway, instrument: Instrument) {
  const security = securityRow(instrument);
  return {
    incrementRules: security.incrementRules,
    displayRule: security.displayRule,
    time: seconds(gateway.clock.now()) % 100,
    chineseName: security.chineseName,
    allExchanges: security.allExchanges,
    listingExchange: security.listingExchange,
    countryCode: security.countryCode,
    name: security.name,
    lastTradingDay: null,
    group: security.group,
    sector: security.sector,
    sectorGroup: security.sectorGroup,
    ticker: security.ticker,
    type: security.type,
    hasOptions: security.hasOptions,
    fullName: security.fullName,
    isUS: security.isUS,
    isEventContract: false,
    pageSize: 100,
  };
}

/** The uncached endpoint's row: its conid is text and its time is in seconds. */
export function realTimeRow(gateway: Gateway, position: Position, timestamp: number) {
  const { price, value, unrealized } = prices(gateway, position);
  const instrument = instrumentByConid(position.conid);
  return {
    position: position.quantity.toNumber(),
    conid: String(position.conid),
    avgCost: position.averageCost.toNumber(),
    avgPrice: position.averageCost.toNumber(),
    currency: instrument?.currency ?? "USD",
    description: instrument?.symbol ?? "",
    isLastToLoq: false,
    marketPrice: price.toNumber(),
    marketValue: value.toNumber(),
    realizedPnl: position.realizedPnl.round(2).toNumber(),
    secType: "STK",
    timestamp,
    unrealizedPnl: unrealized.toNumber(),
    assetClass: "STK",
    sector: null,
    group: null,
    model: "",
  };
}
