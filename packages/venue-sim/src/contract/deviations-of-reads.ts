import type { Deviation } from "./comparison.ts";

const CONTRACT_INFO = "GET /iserver/contract/{conid}/info";
const INFO_AND_RULES = "GET /iserver/contract/{conid}/info-and-rules";
const RULES = "POST /iserver/contract/rules";
const POSITIONS = "GET /portfolio/{accountId}/positions/{page}";
const POSITION = "GET /portfolio/{accountId}/position/{conid}";
const META = "GET /portfolio/{accountId}/meta";
const PORTFOLIO_ACCOUNTS = ["GET /portfolio/accounts", "GET /portfolio/subaccounts"];
const PORTFOLIO_SUMMARY = "GET /portfolio/{accountId}/summary";

const SESSION: Deviation[] = [
  { kind: "extra", endpoints: ["POST /iserver/auth/ssodh/init"], paths: ["passed"], why: "recorded" },
  { kind: "null", endpoints: ["POST /iserver/auth/status"], paths: ["MAC"], why: "recorded after a logout" },
  {
    kind: "extra",
    endpoints: ["GET /sso/validate"],
    paths: ["LOGIN_TYPE", "TOKEN", "features.env"],
    why: "recorded; the schema spells the first and the last `loginType` and `envs`",
  },
  {
    kind: "extra",
    endpoints: ["GET /iserver/accounts"],
    paths: ["allowFeatures.allowFA", "allowFeatures.allowLiteUnderPro", "isFT"],
    why: "recorded; the schema spells the last one `isFt`",
  },
  {
    kind: "extra",
    endpoints: ["GET /iserver/account/pnl/partitioned"],
    paths: ["upnl.*.uel"],
    why: "recorded beside `el`",
  },
  {
    kind: "type",
    endpoints: ["GET /iserver/account/pnl/partitioned"],
    paths: ["upnl.*.dpl"],
    why: "recorded with cents, unlike the other figures of the row",
  },
  {
    kind: "extra",
    endpoints: ["POST /iserver/account"],
    paths: ["success"],
    why: "recorded: the account was selected already",
  },
];

const PORTFOLIO: Deviation[] = [
  {
    kind: "extra",
    endpoints: PORTFOLIO_ACCOUNTS,
    paths: ["[].faclient"],
    why: "recorded; the schema spells it `faClient`",
  },
  { kind: "extra", endpoints: [META], paths: ["faclient"], why: "recorded; the schema spells it `faClient`" },
  {
    kind: "enum",
    endpoints: PORTFOLIO_ACCOUNTS,
    paths: ["[].businessType"],
    why: "recorded: an account of a customer's own is INDEPENDENT",
  },
  { kind: "enum", endpoints: [META], paths: ["businessType"], why: "the same row" },
  {
    kind: "null",
    endpoints: [POSITIONS, POSITION],
    paths: ["[].chineseName", "[].lastTradingDay", "[].putOrCall"],
    why: "recorded: shares have none of these",
  },
  {
    kind: "null",
    endpoints: [POSITIONS],
    paths: ["[].multiplier"],
    why: "recorded in the short row of the first read; later a number",
  },
  {
    kind: "type",
    endpoints: [POSITIONS],
    paths: ["[].strike"],
    why: "recorded in the short row of the first read; later text",
  },
  {
    kind: "type",
    endpoints: ["GET /portfolio/positions/{conid}"],
    paths: ["*"],
    why: "recorded: a list of rows per account",
  },
  {
    kind: "extra",
    endpoints: ["GET /portfolio/{accountId}/ledger"],
    paths: ["*.cryptocurrencyvalue", "*.endofbundle"],
    why: "recorded; the latter marks the last real currency",
  },
  { kind: "extra", endpoints: [PORTFOLIO_SUMMARY], paths: ["settledcash"], why: "recorded" },
  {
    kind: "type",
    endpoints: [PORTFOLIO_SUMMARY],
    paths: ["*.currency"],
    why: "recorded: a currency is text",
  },
  {
    kind: "null",
    endpoints: [PORTFOLIO_SUMMARY],
    paths: ["*.currency", "*.value"],
    why: "recorded: an entry is either an amount of a currency or a text",
  },
];

const CONTRACTS: Deviation[] = [
  {
    kind: "null",
    endpoints: [CONTRACT_INFO, INFO_AND_RULES],
    paths: [
      "classifier",
      "contract_clarification_type",
      "contract_month",
      "cusip",
      "expiry_full",
      "maturity_date",
      "multiplier",
      "text",
      "underlying_issuer",
    ],
    why: "recorded: what a share does not have is null",
  },
  {
    kind: "extra",
    endpoints: [RULES],
    paths: ["overnightEligible", "stopprice"],
    why: "recorded; the schema spells the latter `stopPrice`",
  },
  {
    kind: "extra",
    endpoints: [INFO_AND_RULES],
    paths: ["rules.overnightEligible", "rules.stopprice"],
    why: "the same rules",
  },
  {
    kind: "type",
    endpoints: [RULES],
    paths: ["increment", "incrementRules[].increment", "limitPrice"],
    why: "recorded: prices and increments have cents",
  },
  {
    kind: "type",
    endpoints: [INFO_AND_RULES],
    paths: ["rules.increment", "rules.incrementRules[].increment", "rules.limitPrice"],
    why: "the same rules",
  },
  {
    kind: "type",
    endpoints: ["GET /iserver/currency/pairs"],
    paths: ["*[].ccyPair"],
    why: "recorded: the other currency's code",
  },
  {
    kind: "enum",
    endpoints: ["GET /iserver/secdef/info"],
    paths: ["right"],
    why: "recorded: a question mark for what is no option",
  },
  {
    kind: "type",
    endpoints: ["GET /iserver/secdef/search", "POST /iserver/secdef/search"],
    paths: ["[].restricted"],
    why: "recorded: a list of kinds of contract, as text",
  },
  {
    kind: "null",
    endpoints: ["GET /iserver/secdef/search"],
    paths: ["[].companyName", "[].description", "[].symbol"],
    why: "recorded in the row that stands for all bonds of an issuer",
  },
  {
    kind: "null",
    endpoints: ["GET /trsrv/stocks"],
    paths: ["*[].chineseName"],
    why: "most companies have none",
  },
];

/** Sessions, accounts and contracts: where recordings differ from the schema. */
export const READ_DEVIATIONS: Deviation[] = [...SESSION, ...PORTFOLIO, ...CONTRACTS];
