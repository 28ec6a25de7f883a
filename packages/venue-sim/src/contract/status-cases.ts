/** A request, and the status that a paper account really got for it. */
export interface StatusCase {
  group: string;
  case: string;
  method: string;
  /** From /v1/api/ on, with placeholders such as `{accountId}`. */
  path: string;
  body: string | null;
  status: number;
}

export function nameOf(item: StatusCase): string {
  return `${item.group}/${item.case}`;
}

/** Below the base path, without the query. */
export function endpointOf({ method, path }: StatusCase): string {
  return `${method} ${path.replace(/^\/v1\/api/, "").replace(/\?.*/, "")}`;
}

/** Endpoints that the simulator leaves out, with how many cases each has. */
export const NOT_SIMULATED: { why: string; endpoints: Record<string, number> }[] = [
  {
    why: "personal data",
    endpoints: { "GET /acesws/{accountId}/signatures-and-owners": 4 },
  },
  {
    why: "the account's money is read from /portfolio",
    endpoints: {
      "GET /iserver/account/{accountId}/summary/available_funds": 1,
      "GET /iserver/account/{accountId}/summary/balances": 3,
      "GET /iserver/account/{accountId}/summary/margins": 1,
      "GET /iserver/account/{accountId}/summary/market_value": 1,
    },
  },
  {
    why: "performance over months, which a venue that was opened a minute ago does not have",
    endpoints: {
      "POST /pa/performance": 3,
      "POST /pa/allperiods": 2,
      "POST /pa/transactions": 3,
      "POST /portfolio/allocation": 1,
    },
  },
  {
    why: "algorithms, bonds and event contracts are not traded here",
    endpoints: {
      "GET /iserver/contract/{conid}/algos": 2,
      "GET /iserver/secdef/bond-filters": 2,
      "GET /forecast/category/tree": 1,
      "GET /forecast/contract/market": 2,
      "GET /forecast/contract/rules": 2,
      "GET /forecast/contract/details": 1,
      "GET /forecast/contract/schedules": 1,
    },
  },
  {
    why: "scanners",
    endpoints: { "GET /iserver/scanner/params": 1, "POST /iserver/scanner/run": 2 },
  },
  {
    why: "alerts",
    endpoints: {
      "GET /iserver/account/{accountId}/alerts": 2,
      "GET /iserver/account/mta": 1,
      "POST /iserver/account/{accountId}/alert": 3,
      "GET /iserver/account/alert/{alertId}": 1,
      "POST /iserver/account/{accountId}/alert/activate": 1,
      "DELETE /iserver/account/{accountId}/alert/{alertId}": 1,
    },
  },
  {
    why: "watchlists",
    endpoints: {
      "POST /iserver/watchlist": 8,
      "GET /iserver/watchlists": 2,
      "GET /iserver/watchlist": 4,
      "DELETE /iserver/watchlist": 6,
    },
  },
  {
    why: "notices to the customer",
    endpoints: {
      "GET /fyi/unreadnumber": 1,
      "GET /fyi/settings": 1,
      "POST /fyi/settings/{typecode}": 2,
      "GET /fyi/deliveryoptions": 1,
      "DELETE /fyi/deliveryoptions/{deviceId}": 1,
      "GET /fyi/notifications": 1,
      "PUT /fyi/notifications/{notificationId}": 1,
      "GET /fyi/disclaimer/{typecode}": 2,
      "PUT /fyi/disclaimer/{typecode}": 1,
    },
  },
];

/** Cases that need something the simulator does not have, at endpoints that it does. */
export const CASES_NOT_SIMULATED: Record<string, string> = {
  "ComboTest/PlaceCombo_SpyQqq": "combinations are not traded here",
  "ComboTest/ReplyConfirm_Combo": "answers the question about a combination",
  "ComboTest/CloseCombo_SpyQqq": "combinations are not traded here",
  "ComboTest/ReplyConfirm_Close": "answers the question about a combination",
};

/** Cases whose answer does not come from an endpoint, so that they run although there is none. */
export const ANSWERED_WITHOUT_ENDPOINT: Record<string, string> = {
  "Alerts/CreateAlert_SPY_Price":
    "the edge refuses a body with a comparison in it before it looks at the path",
  "MarketData/RunHmdsScanner_TopGainers": "removed by IBKR",
  "MarketData/GetRegulatorySnapshot_SPY": "withdrawn by IBKR",
};

/** Where the simulator answers another status, and means it. */
export const STATUS_DEVIATIONS: Record<string, { simulated: number; why: string }> = {
  "MarketData/GetRegulatorySnapshot_SPY": {
    simulated: 404,
    why: "measured before the endpoint went away; since then its path is not found",
  },
};
