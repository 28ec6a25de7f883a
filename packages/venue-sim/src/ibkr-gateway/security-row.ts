import type { Instrument } from "../market/instruments.ts";

export const US_VENUES =
  "SMART,AMEX,NYSE,CBOE,PHLX,CHX,ARCA,ISLAND,DRCTEDGE,BEX,BATS,EDGEA,BYX,IEX,PSX,OVERNIGHT";

export const INCREMENTS = [{ lowerEdge: 0, increment: 0.01 }];

const COUNTRIES: Record<string, string> = { MEXI: "MX", EBS: "CH", TSE: "CA", LSEETF: "GB" };

export function venuesOf(instrument: Instrument): string {
  return instrument.isUS ? US_VENUES : `SMART,${instrument.exchange}`;
}

/** Names come with HTML entities in this family of endpoints. */
function entities(value: string): string {
  return value.replaceAll("&", "&amp;");
}

/** The security definition that `/trsrv/secdef` and long position rows share. */
export function securityRow(instrument: Instrument) {
  return {
    conid: instrument.conid,
    currency: instrument.currency,
    time: 30,
    chineseName: instrument.chineseName ?? null,
    allExchanges: venuesOf(instrument),
    listingExchange: instrument.exchange,
    countryCode: instrument.isUS ? "US" : (COUNTRIES[instrument.exchange] ?? "CH"),
    name: entities(instrument.name),
    assetClass: "STK",
    expiry: null,
    lastTradingDay: null,
    group: entities(instrument.group),
    putOrCall: null,
    sector: entities(instrument.sector),
    sectorGroup: entities(instrument.category),
    strike: "0",
    ticker: instrument.symbol,
    undConid: 0,
    multiplier: 0,
    type: instrument.type,
    hasOptions: instrument.isUS,
    fullName: instrument.symbol,
    isUS: instrument.isUS,
    isEventContract: false,
    incrementRules: INCREMENTS,
    displayRule: { magnification: 0, displayRuleStep: [{ decimalDigits: 2, lowerEdge: 0, wholeDigits: 4 }] },
    pageSize: 100,
  };
}
