import { BROKER_ERROR, WEB_ERROR } from "./expected-session.ts";
import type { ExpectedAnswer } from "./expected-shapes.ts";
import { listOf, type Shape } from "./shape.ts";

const SNAPSHOT = "GET /iserver/marketdata/snapshot";
const HISTORY = "GET /iserver/marketdata/history";
const UNSUBSCRIBE = "POST /iserver/marketdata/unsubscribe";
const INFO_AND_RULES = "GET /iserver/contract/{conid}/info-and-rules";
const SCHEDULE = "GET /contract/trading-schedule";

/** Search results spell the conid as text. */
const SEARCH_ROW: Shape = {
  conid: "digits",
  companyHeader: "string",
  companyName: "string|null",
  symbol: "string|null",
  description: "string|null",
  restricted: "string|null",
  sections: listOf({ secType: "string", "months?": "string", "exchange?": "string" }),
};

const ISSUER: Shape = {
  name: "string",
  chineseName: "string|null",
  assetClass: "string",
  contracts: listOf({ conid: "integer", exchange: "string", isUS: "boolean" }),
};

const SECURITY: Shape = {
  conid: "integer",
  currency: "string",
  ticker: "string",
  name: "string",
  listingExchange: "string",
  assetClass: "string",
  type: "string",
  multiplier: "number",
  strike: "digits",
  isUS: "boolean",
  incrementRules: listOf({ lowerEdge: "number", increment: "number" }),
};

/** Another family of endpoints, another spelling: here it is `con_id`. */
const INFO = {
  con_id: "integer",
  symbol: "string",
  currency: "string",
  instrument_type: "string",
  company_name: "string",
  valid_exchanges: "string",
  exchange: "string",
  r_t_h: "boolean",
  underlying_con_id: "integer",
  multiplier: "null",
};

const RULES: Shape = {
  orderTypes: listOf("string"),
  orderTypesOutside: listOf("string"),
  tifTypes: listOf("string"),
  fraqTypes: listOf("string", 0),
  cqtTypes: listOf("string", 0),
  canTradeAcctIds: listOf("string"),
  orderDefaults: { LMT: { LP: "amount" } },
  tifDefaults: { TIF: "string", SIZE: "amount" },
  limitPrice: "number",
  stopprice: "number",
  increment: "number",
  incrementRules: listOf({ lowerEdge: "number", increment: "number" }),
  fraqInt: "integer",
  cashQtyIncr: "integer",
  cashCcy: "string",
  error: "null",
};

/** Values are text, but for the change in percent, the conid and the unabbreviated volume. */
const QUOTE_ROW: Shape = {
  conid: "integer",
  conidEx: "digits",
  "_updated?": "milliseconds",
  "server_id?": "string",
  "6119?": "string",
  "6509?": "string",
  "31?": "price",
  "84?": "price",
  "86?": "price",
  "70?": "amount",
  "71?": "amount",
  "82?": "string",
  "83?": "number",
  "85?": "digits",
  "87?": "abbreviated",
  "87_raw?": "number",
  "88?": "digits",
  "6008?": "integer",
  "7762?": "digits",
  "7184?": "digits",
  "*": "string",
};

const BAR: Shape = { o: "number", c: "number", h: "number", l: "number", v: "number", t: "milliseconds" };
const CHART = {
  serverId: "digits",
  symbol: "string",
  text: "string",
  priceFactor: "integer",
  startTime: "tradeTime",
  high: "string",
  low: "string",
  timePeriod: "string",
  barLength: "integer",
  mdAvailability: "string",
  mktDataDelay: "integer",
  tradingDayDuration: "integer",
  volumeFactor: "integer",
  outsideRth: "boolean",
  points: "integer",
};

const SPAN: Shape = { opening: "seconds", closing: "seconds" };

export const CONTRACT_SHAPES: ExpectedAnswer[] = [
  { endpoint: "GET /iserver/secdef/search", status: 200, name: "rows", shape: listOf(SEARCH_ROW) },
  { endpoint: "GET /iserver/secdef/search", status: 200, name: "unknown", shape: listOf("null", 0) },
  { endpoint: "GET /iserver/secdef/search", status: 400, name: "no symbol", shape: WEB_ERROR },
  { endpoint: "GET /trsrv/stocks", status: 200, name: "by symbol", shape: { "*": listOf(ISSUER, 0) } },
  { endpoint: "GET /trsrv/secdef", status: 200, name: "rows", shape: { secdef: listOf(SECURITY) } },
  { endpoint: "GET /trsrv/secdef", status: 200, name: "unknown", shape: { secdef: listOf("null", 0) } },
  { endpoint: "GET /iserver/contract/{conid}/info", status: 200, name: "info", shape: INFO },
  { endpoint: "GET /iserver/contract/{conid}/info", status: 400, name: "unknown", shape: WEB_ERROR },
  { endpoint: INFO_AND_RULES, status: 200, name: "info and rules", shape: { ...INFO, rules: RULES } },
  { endpoint: INFO_AND_RULES, status: 400, name: "unknown", shape: WEB_ERROR },
  { endpoint: "POST /iserver/contract/rules", status: 200, name: "rules", shape: RULES },
  { endpoint: "POST /iserver/contract/rules", status: 400, name: "unknown", shape: WEB_ERROR },
  {
    endpoint: SCHEDULE,
    status: 200,
    name: "hours by date",
    shape: {
      exchange_time_zone: "string",
      schedules: { "*": { liquid_hours: listOf(SPAN), extended_hours: listOf(SPAN) } },
    },
  },
  { endpoint: SCHEDULE, status: 400, name: "unknown", shape: WEB_ERROR },
  { endpoint: SNAPSHOT, status: 200, name: "rows", shape: listOf(QUOTE_ROW) },
  { endpoint: SNAPSHOT, status: 400, name: "refused", shape: WEB_ERROR },
  { endpoint: UNSUBSCRIBE, status: 200, name: "closed", shape: { success: "true" } },
  { endpoint: UNSUBSCRIBE, status: 500, name: "was not open", shape: BROKER_ERROR },
  {
    endpoint: "GET /iserver/marketdata/unsubscribeall",
    status: 200,
    name: "closed",
    shape: { unsubscribed: "true" },
  },
  { endpoint: HISTORY, status: 200, name: "bars", shape: { ...CHART, data: listOf(BAR) } },
  // Nothing traded: one bar without a time.
  { endpoint: HISTORY, status: 200, name: "empty", shape: { ...CHART, data: listOf({ o: "number" }) } },
  { endpoint: HISTORY, status: 400, name: "unknown", shape: WEB_ERROR },
  { endpoint: HISTORY, status: 500, name: "no chart", shape: BROKER_ERROR },
];
