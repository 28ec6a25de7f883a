import type { Deviation, ExampleKeys } from "./comparison.ts";
import { ORDER_DEVIATIONS } from "./deviations-of-orders.ts";
import { READ_DEVIATIONS } from "./deviations-of-reads.ts";

/*
 * Where the venue really answers differently than its published schema says. What was recorded from
 * live and paper accounts wins over the schema, so the simulator does as the venue does.
 */

const CONTRACT_INFO = "GET /iserver/contract/{conid}/info";
const INFO_AND_RULES = "GET /iserver/contract/{conid}/info-and-rules";
const RULES = "POST /iserver/contract/rules";
const PLACE = "POST /iserver/account/{accountId}/orders";
const MODIFY = "POST /iserver/account/{accountId}/order/{orderId}";
const CANCEL = "DELETE /iserver/account/{accountId}/order/{orderId}";
const REPLY = "POST /iserver/reply/{replyId}";
const WHAT_IF = "POST /iserver/account/{accountId}/orders/whatif";
const ORDERS = "GET /iserver/account/orders";
const ORDER_STATUS = "GET /iserver/account/order/status/{orderId}";
const POSITIONS = "GET /portfolio/{accountId}/positions/{page}";
const POSITION = "GET /portfolio/{accountId}/position/{conid}";
const META = "GET /portfolio/{accountId}/meta";
const PORTFOLIO_SUMMARY = "GET /portfolio/{accountId}/summary";

export const EXAMPLE_KEYS: ExampleKeys[] = [
  { endpoint: "GET /iserver/accounts", path: "acctProps", why: "by account" },
  { endpoint: "GET /iserver/accounts", path: "aliases", why: "by account" },
  { endpoint: "GET /iserver/account/pnl/partitioned", path: "upnl", why: "by account and model" },
  { endpoint: "GET /contract/trading-schedule", path: "schedules", why: "by date" },
  { endpoint: "GET /trsrv/futures", path: "", why: "by symbol" },
];

/** Answers whose status the schema does not have. */
export const UNDESCRIBED_STATUSES: { answers: string[]; why: string }[] = [
  {
    answers: ["GET /iserver/accounts 400", `${ORDERS} 400`],
    why: "a brokerage session that is not up, or accounts that were not read yet, is a 400 everywhere",
  },
  {
    answers: [
      "GET /contract/trading-schedule 400",
      "POST /iserver/account 400",
      `${CONTRACT_INFO} 400`,
      `${INFO_AND_RULES} 400`,
      `${RULES} 400`,
    ],
    why: "measured on a paper account: a wrong or missing argument",
  },
  { answers: [`${PLACE} 400`], why: "a ticket that makes no sense is a 400, one that is refused a 200" },
  { answers: [`${REPLY} 400`], why: "recorded: a reply that comes too late" },
  { answers: [`${ORDER_STATUS} 404`], why: "recorded: the ticket of a question that nobody answered yet" },
  { answers: ["POST /iserver/auth/ssodh/init 410"], why: "recorded: right after a logout" },
];

const ERRORS: Deviation[] = [
  {
    kind: "empty",
    status: 401,
    endpoints: [
      "GET /iserver/accounts",
      "POST /iserver/auth/status",
      "POST /iserver/dynaccount",
      META,
      PORTFOLIO_SUMMARY,
      "GET /portfolio/{accountId}/ledger",
      "GET /portfolio/{accountId}/allocation",
      POSITIONS,
      POSITION,
      "POST /portfolio/{accountId}/positions/invalidate",
    ],
    paths: [""],
    why: "recorded without a body, for a missing login and for an unknown account alike",
  },
  {
    kind: "empty",
    status: 503,
    endpoints: ["GET /iserver/accounts"],
    paths: [""],
    why: "the upstream time-out has no body",
  },
  {
    kind: "problem",
    status: 400,
    endpoints: [
      ORDER_STATUS,
      MODIFY,
      CANCEL,
      WHAT_IF,
      "GET /iserver/marketdata/history",
      "GET /iserver/marketdata/snapshot",
      "GET /iserver/secdef/info",
      "GET /iserver/secdef/search",
      "GET /trsrv/secdef/schedule",
    ],
    paths: [""],
    why: "errors come as an object with `error`, mostly with `statusCode`, and never as a problem document",
  },
  {
    kind: "type",
    status: 400,
    endpoints: ["GET /iserver/account/{accountId}/summary"],
    paths: ["statusCode"],
    why: "recorded as a number",
  },
  {
    kind: "type",
    status: 503,
    endpoints: [ORDER_STATUS, "GET /iserver/account/search/{pattern}"],
    paths: ["statusCode"],
    why: "recorded as a number",
  },
];

export const DEVIATIONS: Deviation[] = [...ERRORS, ...READ_DEVIATIONS, ...ORDER_DEVIATIONS];
