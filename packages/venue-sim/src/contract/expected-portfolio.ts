import { WEB_ERROR } from "./expected-session.ts";
import type { ExpectedAnswer } from "./expected-shapes.ts";
import { listOf, type Shape } from "./shape.ts";

const ACCOUNT: Shape = {
  id: "string",
  accountId: "string",
  accountAlias: "null",
  accountStatus: "milliseconds",
  currency: "string",
  type: "string",
  clearingStatus: "string",
  brokerageAccess: "boolean",
  faclient: "boolean",
  parent: { mmc: listOf("string", 0), accountId: "string", isMParent: "boolean" },
};

/** Both forms of a position row. */
const POSITION = {
  acctId: "string",
  conid: "integer",
  contractDesc: "string",
  position: "number",
  mktPrice: "number",
  mktValue: "number",
  currency: "string",
  avgCost: "number",
  avgPrice: "number",
  realizedPnl: "number",
  unrealizedPnl: "number",
  assetClass: "string",
  undConid: "integer",
  expiry: "null",
  putOrCall: "null",
  conExchMap: listOf("string", 0),
};
/** The first read of a login: no contract details, and the strike is a number. */
const SHORT_POSITION: Shape = { ...POSITION, multiplier: "null", strike: "number" };
const LONG_POSITION: Shape = {
  ...POSITION,
  multiplier: "number",
  strike: "digits",
  ticker: "string",
  name: "string",
  fullName: "string",
  listingExchange: "string",
  allExchanges: "string",
  countryCode: "string",
  chineseName: "string|null",
  isUS: "boolean",
  hasOptions: "boolean",
  incrementRules: listOf({ lowerEdge: "number", increment: "number" }),
  displayRule: { magnification: "integer", displayRuleStep: listOf({ decimalDigits: "integer" }) },
  pageSize: "integer",
  baseMktValue: "number",
  baseUnrealizedPnl: "number",
};

const UNCACHED_POSITION: Shape = {
  conid: "digits",
  position: "number",
  avgCost: "number",
  avgPrice: "number",
  marketPrice: "number",
  marketValue: "number",
  unrealizedPnl: "number",
  realizedPnl: "number",
  currency: "string",
  description: "string",
  secType: "string",
  timestamp: "seconds",
};

const LEDGER_ROW: Shape = {
  currency: "string",
  secondkey: "string",
  acctcode: "string",
  key: "string",
  cashbalance: "number",
  settledcash: "number",
  netliquidationvalue: "number",
  stockmarketvalue: "number",
  realizedpnl: "number",
  unrealizedpnl: "number",
  exchangerate: "number",
  timestamp: "seconds",
  severity: "integer",
};

const ENTRY = { isNull: "boolean", timestamp: "milliseconds", severity: "integer", amount: "number" };
const MONEY: Shape = { ...ENTRY, currency: "string", value: "null" };
const TEXT: Shape = { ...ENTRY, currency: "null", value: "string" };

/** What an account is worth is told without cents here. */
const WHOLE = "integer";
const SIDES: Shape = { long: { "*": "number" }, short: { "*": "number" } };

const POSITIONS = "GET /portfolio/{accountId}/positions/{page}";
const NO_SUCH_ACCOUNT = { status: 401, name: "unknown account", shape: "empty" };

export const PORTFOLIO_SHAPES: ExpectedAnswer[] = [
  { endpoint: "GET /portfolio/accounts", status: 200, name: "accounts", shape: listOf(ACCOUNT) },
  { endpoint: "GET /portfolio/{accountId}/meta", status: 200, name: "account", shape: ACCOUNT },
  { endpoint: "GET /portfolio/{accountId}/meta", ...NO_SUCH_ACCOUNT },
  { endpoint: POSITIONS, status: 200, name: "first read", shape: listOf(SHORT_POSITION) },
  { endpoint: POSITIONS, status: 200, name: "later reads", shape: listOf(LONG_POSITION) },
  { endpoint: POSITIONS, status: 200, name: "past the end", shape: listOf("null", 0) },
  { endpoint: POSITIONS, ...NO_SUCH_ACCOUNT },
  {
    endpoint: "POST /portfolio/{accountId}/positions/invalidate",
    status: 200,
    name: "invalidated",
    shape: { message: "string" },
  },
  { endpoint: "POST /portfolio/{accountId}/positions/invalidate", ...NO_SUCH_ACCOUNT },
  {
    endpoint: "GET /portfolio/positions/{conid}",
    status: 200,
    name: "by account",
    shape: { "*": listOf(LONG_POSITION) },
  },
  {
    endpoint: "GET /portfolio2/{accountId}/positions",
    status: 200,
    name: "uncached",
    shape: listOf(UNCACHED_POSITION),
  },
  { endpoint: "GET /portfolio2/{accountId}/positions", ...NO_SUCH_ACCOUNT },
  {
    endpoint: "GET /portfolio/{accountId}/ledger",
    status: 200,
    name: "by currency",
    shape: { BASE: LEDGER_ROW, USD: LEDGER_ROW, "*": LEDGER_ROW },
  },
  { endpoint: "GET /portfolio/{accountId}/ledger", ...NO_SUCH_ACCOUNT },
  {
    endpoint: "GET /portfolio/{accountId}/summary",
    status: 200,
    name: "entries",
    shape: {
      accountcode: TEXT,
      accounttype: TEXT,
      accountready: TEXT,
      cushion: TEXT,
      netliquidation: MONEY,
      totalcashvalue: MONEY,
      availablefunds: MONEY,
      buyingpower: MONEY,
      "availablefunds-s": MONEY,
      "availablefunds-c": MONEY,
      "*": MONEY,
    },
  },
  { endpoint: "GET /portfolio/{accountId}/summary", ...NO_SUCH_ACCOUNT },
  {
    endpoint: "GET /portfolio/{accountId}/allocation",
    status: 200,
    name: "groups",
    shape: { assetClass: SIDES, sector: SIDES, group: SIDES },
  },
  { endpoint: "GET /portfolio/{accountId}/allocation", ...NO_SUCH_ACCOUNT },
  {
    endpoint: "GET /iserver/account/{accountId}/summary",
    status: 200,
    name: "summary",
    shape: {
      accountType: "string",
      balance: WHOLE,
      buyingPower: WHOLE,
      availableFunds: WHOLE,
      netLiquidationValue: WHOLE,
      totalCashValue: WHOLE,
      initialMargin: WHOLE,
      cashBalances: listOf({ currency: "string", balance: WHOLE, settledCash: WHOLE }),
    },
  },
  {
    endpoint: "GET /iserver/account/{accountId}/summary",
    status: 400,
    name: "unknown account",
    shape: WEB_ERROR,
  },
  {
    endpoint: "GET /iserver/account/pnl/partitioned",
    status: 200,
    name: "by account and model",
    shape: {
      upnl: { "*": { rowType: "integer", dpl: "number", nl: WHOLE, upl: WHOLE, uel: WHOLE, mv: WHOLE } },
    },
  },
];
