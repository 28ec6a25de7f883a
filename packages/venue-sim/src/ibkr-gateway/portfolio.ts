import { type Position, positionsAsOf } from "../market/account-state.ts";
import { type Big, ZERO } from "../market/decimal.ts";
import { instrumentByConid } from "../market/instruments.ts";
import { fromNewYork, toNewYork } from "../market/new-york.ts";
import { knownAccount, shownAccounts } from "./accounts.ts";
import { type Gateway, type GatewayRequest, param, seconds } from "./gateway.ts";
import { allocation, ledger, summary } from "./portfolio-balances.ts";
import { longRow, realTimeRow, shortRow } from "./position-rows.ts";
import { empty, json, type Reply } from "./reply.ts";

const PAGE_SIZE = 100;

/** Portfolio endpoints want their accounts listed first; before that they know none. */
function portfolioAccount(request: GatewayRequest, gateway: Gateway): string | null {
  return gateway.session.portfolioPrimed ? knownAccount(request, gateway) : null;
}

/** An unknown account looks like a failed login, but is none. */
const unknownAccount = () => empty(401);

function accountRow(gateway: Gateway, id: string) {
  const currency = gateway.engine.state.accounts.get(id)?.currency ?? "USD";
  return {
    id,
    "PrepaidCrypto-Z": false,
    "PrepaidCrypto-P": false,
    brokerageAccess: true,
    accountId: id,
    accountVan: id,
    accountTitle: "Simulated User",
    displayName: "Simulated User",
    accountAlias: null,
    accountStatus: 1_769_922_000_000,
    currency,
    type: gateway.identity.accountType,
    tradingType: "STKNOPT",
    businessType: "INDEPENDENT",
    category: "",
    ibEntity: "IBLLC-US",
    faclient: false,
    clearingStatus: "O",
    covestor: false,
    noClientTrading: false,
    trackVirtualFXPortfolio: false,
    acctCustType: "INDIVIDUAL",
    parent: { mmc: [], accountId: "", isMParent: false, isMChild: false, isMultiplex: false },
    desc: id,
  };
}

export function getPortfolioAccounts(_request: GatewayRequest, gateway: Gateway): Reply {
  gateway.session.portfolioPrimed = true;
  return json(shownAccounts(gateway).map((id) => accountRow(gateway, id)));
}

export function getSubAccountsPaged(request: GatewayRequest, gateway: Gateway): Reply {
  gateway.session.portfolioPrimed = true;
  const rows = shownAccounts(gateway).map((id) => accountRow(gateway, id));
  const pageNum = Number(request.query.get("page") ?? 0);
  return json({
    metadata: { total: rows.length, pageSize: 20, pageNum },
    subaccounts: pageNum === 0 ? rows : [],
  });
}

export function getMeta(request: GatewayRequest, gateway: Gateway): Reply {
  const id = portfolioAccount(request, gateway);
  return id === null ? unknownAccount() : json(accountRow(gateway, id));
}

/** The positions that the venue's cache shows: it lags behind fills, less so after an invalidate. */
function cachedPositions(gateway: Gateway, id: string): Position[] {
  const account = gateway.engine.state.accounts.get(id);
  if (account === undefined || gateway.overrides.emptyList) return [];
  const now = gateway.clock.now();
  const invalidatedAt = gateway.invalidated.get(id);
  const lag = gateway.overrides.positionsLag ?? gateway.timings.positionsLag;
  const normal = now - lag;
  // An invalidate makes the cache read anew once, from a source that is itself a little behind.
  const afterInvalidate =
    invalidatedAt === undefined ? normal : invalidatedAt - gateway.timings.invalidatedLag;
  return positionsAsOf(
    account,
    gateway.overrides.positionsLag === undefined ? Math.max(normal, afterInvalidate) : normal,
  );
}

/** Rows of closed positions stay until the end of the day. */
function shownPositions(gateway: Gateway, id: string): Position[] {
  const account = gateway.engine.state.accounts.get(id);
  const today = fromNewYork(toNewYork(gateway.clock.now()).date, 0);
  return cachedPositions(gateway, id).filter(
    (position) =>
      !position.quantity.eq(0) ||
      account?.positionChanges.some((change) => change.conid === position.conid && change.at >= today),
  );
}

export function getPositions(request: GatewayRequest, gateway: Gateway): Reply {
  const id = portfolioAccount(request, gateway);
  if (id === null) return unknownAccount();
  const page = Number(param(request, "page"));
  const rows = sorted(shownPositions(gateway, id), request).slice(page * PAGE_SIZE, (page + 1) * PAGE_SIZE);
  const first = !gateway.session.positionsRead;
  gateway.session.positionsRead = true;
  return json(rows.map((row) => (first ? shortRow : longRow)(gateway, id, row)));
}

function sorted(rows: Position[], request: GatewayRequest): Position[] {
  const key = request.query.get("sort");
  if (key === null) return rows;
  const sign = (request.query.get("direction") ?? "a") === "d" ? -1 : 1;
  const number = (position: Position): Big => (key === "position" ? position.quantity : position.averageCost);
  const name = (position: Position) => instrumentByConid(position.conid)?.symbol ?? "";
  return [...rows].sort((a, b) =>
    key === "position" || key === "avgCost"
      ? sign * number(a).cmp(number(b))
      : sign * name(a).localeCompare(name(b)),
  );
}

export function invalidatePositions(request: GatewayRequest, gateway: Gateway): Reply {
  const id = portfolioAccount(request, gateway);
  if (id === null) return unknownAccount();
  gateway.invalidated.set(id, gateway.clock.now());
  return json({ message: "success" });
}

export function getPositionByConid(request: GatewayRequest, gateway: Gateway): Reply {
  const id = portfolioAccount(request, gateway);
  if (id === null) return unknownAccount();
  const conid = Number(param(request, "conid"));
  const rows = shownPositions(gateway, id).filter((position) => position.conid === conid);
  return json(rows.map((row) => longRow(gateway, id, row)));
}

export function getPositionAcrossAccounts(request: GatewayRequest, gateway: Gateway): Reply {
  const conid = Number(param(request, "conid"));
  const entries = gateway.accounts().flatMap((id) => {
    const rows = shownPositions(gateway, id).filter((position) => position.conid === conid);
    return rows.length === 0 ? [] : [[id, rows.map((row) => longRow(gateway, id, row))]];
  });
  return json(Object.fromEntries(entries));
}

/** The newer, uncached endpoint. */
export function getRealTimePositions(request: GatewayRequest, gateway: Gateway): Reply {
  const id = portfolioAccount(request, gateway);
  const account = id === null ? undefined : gateway.engine.state.accounts.get(id);
  if (account === undefined) return unknownAccount();
  if (gateway.overrides.emptyList) return json([]);
  const asOf = gateway.clock.now() - (gateway.overrides.positionsLag ?? 0);
  const open = positionsAsOf(account, asOf).filter((position) => !position.quantity.eq(ZERO));
  return json(open.map((position) => realTimeRow(gateway, position, seconds(gateway.clock.now()))));
}

export function getComboPositions(request: GatewayRequest, gateway: Gateway): Reply {
  return portfolioAccount(request, gateway) === null ? unknownAccount() : json([]);
}

export function getLedger(request: GatewayRequest, gateway: Gateway): Reply {
  const id = portfolioAccount(request, gateway);
  return id === null ? unknownAccount() : json(ledger(gateway, id));
}

export function getPortfolioSummary(request: GatewayRequest, gateway: Gateway): Reply {
  const id = portfolioAccount(request, gateway);
  return id === null ? unknownAccount() : json(summary(gateway, id));
}

export function getAllocation(request: GatewayRequest, gateway: Gateway): Reply {
  const id = portfolioAccount(request, gateway);
  if (id === null) return unknownAccount();
  const held = allocation(gateway, id);
  return held === null ? json({ error: "no positions" }, 500) : json(held);
}
