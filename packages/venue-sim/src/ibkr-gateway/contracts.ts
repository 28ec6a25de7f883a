import { allInstruments, type Instrument, instrumentByConid, listingsOf } from "../market/instruments.ts";
import { bodyObject, type Gateway, type GatewayRequest, param } from "./gateway.ts";
import { brokerError, json, type Reply, webError } from "./reply.ts";
import { INCREMENTS, securityRow, venuesOf } from "./security-row.ts";

/** The venue's stand-in conid for "all bonds of this issuer". */
const BOND_CONID = "2147483647";

function searchRow(instrument: Instrument) {
  return {
    conid: String(instrument.conid),
    companyHeader: `${instrument.name} - ${instrument.exchange}`,
    companyName: instrument.name,
    symbol: instrument.symbol,
    description: instrument.exchange,
    restricted: instrument.isUS ? "CFD,IOPT" : null,
    sections: instrument.isUS
      ? [
          { secType: "STK" },
          { secType: "OPT", months: "DEC26;JAN27;FEB27;MAR27;JUN27", exchange: "SMART;AMEX;BATS;BOX;CBOE" },
          { secType: "BAG" },
        ]
      : [{ secType: "STK", exchange: `${instrument.exchange};` }],
  };
}

function bondRow(issuer: string) {
  return {
    conid: BOND_CONID,
    bondid: 4,
    companyHeader: "Corporate Fixed Income",
    companyName: null,
    symbol: null,
    description: null,
    restricted: null,
    issuers: [{ id: "e1432232", name: issuer }],
    sections: [{ secType: "BOND" }],
  };
}

function textOf(value: unknown): string | undefined {
  return typeof value === "string" ? value : undefined;
}

/** The order of search results is nobody's promise: symbols like NESN begin with a foreign listing. */
export function searchContracts(request: GatewayRequest, _gateway: Gateway): Reply {
  const body = bodyObject(request);
  const symbol = (textOf(body.symbol) ?? request.query.get("symbol") ?? "").trim();
  const byName = body.name === true || request.query.get("name") === "true";
  if (symbol === "") return webError(400, "Bad Request: symbol is required");
  const wanted = symbol.toUpperCase();
  const found = byName
    ? allInstruments().filter((instrument) => instrument.name.includes(wanted))
    : listingsOf(symbol).filter((instrument) => instrument.lookAlike !== true);
  const rows: unknown[] = found.map(searchRow);
  if (found.some((instrument) => instrument.conid === 265598)) rows.push(bondRow("Apple Inc"));
  return json(rows);
}

export function getStocks(request: GatewayRequest, _gateway: Gateway): Reply {
  const symbols = (request.query.get("symbols") ?? "").split(",").filter((symbol) => symbol !== "");
  if (symbols.length === 0) return webError(400, "Bad Request: symbols is required");
  return json(Object.fromEntries(symbols.map((symbol) => [symbol, issuersOf(symbol)])));
}

function issuersOf(symbol: string) {
  const issuers = new Map<string, Instrument[]>();
  for (const listing of listingsOf(symbol)) {
    issuers.set(listing.issuer, [...(issuers.get(listing.issuer) ?? []), listing]);
  }
  return [...issuers].map(([name, listings]) => ({
    name,
    chineseName: listings[0]?.chineseName ?? null,
    assetClass: "STK",
    contracts: listings.map(({ conid, exchange, isUS }) => ({ conid, exchange, isUS })),
  }));
}

export function getSecurityDefinitions(request: GatewayRequest, _gateway: Gateway): Reply {
  const conids = (request.query.get("conids") ?? "").split(",").filter((conid) => conid !== "");
  if (conids.length === 0 || conids.length > 200) return webError(400, "Bad Request: conids");
  const found = conids.flatMap((conid) => instrumentByConid(Number(conid)) ?? []);
  return json({ secdef: found.map(securityRow) });
}

export function getAllConids(request: GatewayRequest, _gateway: Gateway): Reply {
  const exchange = request.query.get("exchange");
  const rows = allInstruments().filter((instrument) => instrument.exchange === exchange);
  return json(
    rows.map(({ symbol, conid }) => ({
      ticker: symbol,
      conid,
      exchange: exchange === "NASDAQ" ? "NMS" : exchange,
    })),
  );
}

function contractInfo(instrument: Instrument) {
  return {
    cfi_code: "",
    symbol: instrument.symbol,
    cusip: null,
    expiry_full: null,
    con_id: instrument.conid,
    maturity_date: null,
    industry: instrument.group,
    instrument_type: "STK",
    trading_class: instrument.symbol,
    valid_exchanges: venuesOf(instrument),
    allow_sell_long: false,
    is_zero_commission_security: false,
    local_symbol: instrument.symbol,
    contract_clarification_type: null,
    classifier: null,
    currency: instrument.currency,
    text: null,
    underlying_con_id: 0,
    r_t_h: true,
    multiplier: null,
    underlying_issuer: null,
    contract_month: null,
    company_name: instrument.name,
    smart_available: true,
    exchange: "SMART",
    category: instrument.category,
  };
}

const noDetails = () => webError(400, "Bad Request: Contract details are not available");

export function getContractInfo(request: GatewayRequest, _gateway: Gateway): Reply {
  const instrument = instrumentByConid(Number(param(request, "conid")));
  return instrument === undefined ? noDetails() : json(contractInfo(instrument));
}

export function getInfoAndRules(request: GatewayRequest, gateway: Gateway): Reply {
  const instrument = instrumentByConid(Number(param(request, "conid")));
  if (instrument === undefined) return noDetails();
  const isBuy = request.query.get("isBuy") !== "false";
  return json({ ...contractInfo(instrument), rules: rulesOf(gateway, instrument, isBuy) });
}

export function getContractRules(request: GatewayRequest, gateway: Gateway): Reply {
  const { conid, isBuy } = bodyObject(request);
  const instrument = instrumentByConid(Number(conid));
  return instrument === undefined ? noDetails() : json(rulesOf(gateway, instrument, isBuy !== false));
}

function rulesOf(gateway: Gateway, instrument: Instrument, isBuy: boolean) {
  const quote = gateway.market.quote(instrument.conid);
  const limit = Number((isBuy ? quote?.ask : quote?.bid) ?? 0);
  const fractional = instrument.fractional && gateway.identity.supportsFractions;
  const byCash = instrument.fractional && gateway.identity.supportsCashQuantity && isBuy;
  return {
    algoEligible: true,
    overnightEligible: instrument.isUS,
    costReport: false,
    canTradeAcctIds: gateway.accounts(),
    error: null,
    orderTypes: ["limit", "market", "stop", "stop_limit", "trailing_stop"],
    ibAlgoTypes: ["limit", "stop_limit"],
    fraqTypes: fractional ? ["limit", "market", "stop", "stop_limit", "trailing_stop"] : [],
    forceOrderPreview: false,
    cqtTypes: byCash ? ["market"] : [],
    orderDefaults: { LMT: { LP: limit.toFixed(2) } },
    orderTypesOutside: ["limit", "stop_limit"],
    defaultSize: 100,
    cashSize: 0,
    sizeIncrement: 100,
    tifTypes: ["IOC/MARKET,LIMIT", "GTC/o,a", "DAY/o,a"],
    tifDefaults: { TIF: "DAY", SIZE: "100.00", PMALGO: true },
    limitPrice: limit,
    stopprice: limit,
    orderOrigination: null,
    preview: true,
    displaySize: null,
    fraqInt: fractional ? 4 : 0,
    cashCcy: instrument.currency,
    cashQtyIncr: 500,
    priceMagnifier: null,
    negativeCapable: false,
    incrementType: 1,
    incrementRules: INCREMENTS,
    hasSecondary: true,
    increment: 0.01,
    incrementDigits: 2,
    allOrNoneEligible: true,
    modTypes: [],
  };
}

/** `/iserver/secdef/info`: an object for stocks, and a JSON text inside the error otherwise. */
export function getSecurityInfo(request: GatewayRequest, _gateway: Gateway): Reply {
  const instrument = instrumentByConid(Number(request.query.get("conid")));
  const type = request.query.get("sectype") ?? request.query.get("secType");
  if (type === "OPT" && request.query.get("strike") === null) {
    return webError(400, "Bad Request: strike and right are required");
  }
  if (instrument === undefined || type !== "STK") {
    const reason =
      "Details currently unavailable. Please try again later and contact client services if the issue persists.";
    return brokerError(JSON.stringify({ reason }), 500);
  }
  return json({
    conid: instrument.conid,
    ticker: instrument.symbol,
    secType: "STK",
    listingExchange: instrument.exchange,
    exchange: "SMART",
    companyName: instrument.name,
    currency: instrument.currency,
    validExchanges: venuesOf(instrument),
    priceRendering: null,
    maturityDate: null,
    right: "?",
    strike: 0,
  });
}
