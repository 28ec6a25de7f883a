import type { Big } from "../market/decimal.ts";
import { bodyObject, type Gateway, type GatewayRequest, param } from "./gateway.ts";
import { brokerError, json, type Reply, webError } from "./reply.ts";
import { SERVER_INFO } from "./session-endpoints.ts";
import { valuationOf } from "./valuation.ts";

/** The ids that identity answers show, which a fault may replace. */
export function shownAccounts(gateway: Gateway): string[] {
  const replacement = gateway.overrides.wrongAccount ?? gateway.identity.accountId;
  return replacement === null ? gateway.accounts() : [replacement];
}

function shownIsPaper(gateway: Gateway): unknown {
  return gateway.overrides.isPaper === undefined ? gateway.identity.isPaper : gateway.overrides.isPaper.value;
}

/** The account in a path when it is one of ours. */
export function knownAccount(request: GatewayRequest, gateway: Gateway): string | null {
  const id = param(request, "accountId");
  return gateway.accounts().includes(id) ? id : null;
}

export function getAccounts(_request: GatewayRequest, gateway: Gateway): Reply {
  gateway.session.warmth().accountsQueried = true;
  const accounts = shownAccounts(gateway);
  const properties = {
    hasChildAccounts: false,
    supportsCashQty: gateway.identity.supportsCashQuantity,
    liteUnderPro: false,
    noFXConv: false,
    isProp: false,
    supportsFractions: gateway.identity.supportsFractions,
    allowCustomerTime: false,
    autoFx: false,
  };
  const selected = accounts.includes(gateway.selectedAccount) ? gateway.selectedAccount : accounts[0];
  return json({
    accounts,
    acctProps: Object.fromEntries(accounts.map((id) => [id, properties])),
    aliases: Object.fromEntries(accounts.map((id) => [id, id])),
    allowFeatures: {
      showGFIS: true,
      allowEventContract: true,
      allowFXConv: true,
      allowMTA: true,
      allowTypeAhead: true,
      allowEventTrading: true,
      snapshotRefreshTimeout: 30,
      liteUser: false,
      showWebNews: true,
      research: true,
      debugPnl: true,
      showTaxOpt: true,
      showImpactDashboard: true,
      allowDynAccount: false,
      allowCrypto: true,
      allowFA: false,
      allowLiteUnderPro: false,
      allowedAssetTypes:
        "STK,CFD,OPT,FOP,WAR,FUT,BAG,PDC,CASH,IND,BOND,BILL,FUND,SLB,News,CMDTY,IOPT,ICU,ICS,PHYSS,CRYPTO",
      restrictTradeSubscription: false,
      sideBySide: true,
    },
    chartPeriods: { STK: ["*"], OPT: ["2h", "1d", "2d", "1w", "1m"], CASH: ["*"] },
    groups: [],
    profiles: [],
    selectedAccount: selected,
    serverInfo: SERVER_INFO,
    sessionId: `${gateway.session.key().slice(0, 8)}.00000001`,
    isFT: false,
    isPaper: shownIsPaper(gateway),
  });
}

export function selectAccount(request: GatewayRequest, gateway: Gateway): Reply {
  const { acctId } = bodyObject(request);
  if (typeof acctId !== "string") return webError(400, "Bad Request: acctId is required");
  if (!gateway.accounts().includes(acctId)) return brokerError("unknown account", 500);
  if (acctId === gateway.selectedAccount) return json({ success: "Account already set" });
  gateway.selectedAccount = acctId;
  return json({ set: true, acctId });
}

/** Whole units of the currency; cents are for /portfolio to tell. */
const whole = (amount: Big): number => amount.round(0).toNumber();

export function getAccountSummary(request: GatewayRequest, gateway: Gateway): Reply {
  const id = knownAccount(request, gateway);
  if (id === null) {
    return webError(400, `Bad Request: accountId is not valid: ${param(request, "accountId")}`);
  }
  const value = valuationOf(gateway, id);
  const cash = whole(value.cash);
  return json({
    accountType: "",
    status: "",
    balance: whole(value.equity),
    SMA: whole(value.availableFunds),
    buyingPower: whole(value.buyingPower),
    availableFunds: whole(value.availableFunds),
    excessLiquidity: whole(value.availableFunds),
    netLiquidationValue: whole(value.netLiquidation),
    equityWithLoanValue: whole(value.equity),
    regTLoan: 0,
    securitiesGVP: whole(value.grossPositions),
    totalCashValue: cash,
    accruedInterest: 0,
    regTMargin: 0,
    initialMargin: whole(value.initialMargin),
    maintenanceMargin: whole(value.maintenanceMargin),
    cashBalances: [
      { currency: value.currency, balance: cash, settledCash: cash },
      { currency: `Total (in ${value.currency})`, balance: cash, settledCash: cash },
    ],
  });
}

export function getPartitionedPnl(_request: GatewayRequest, gateway: Gateway): Reply {
  const warmth = gateway.session.warmth();
  // A cold session knows nothing yet, and says so with an empty object rather than an error.
  if (!warmth.pnlRead) {
    warmth.pnlRead = true;
    return json({ upnl: {} });
  }
  const rows = gateway.accounts().map((id) => {
    const value = valuationOf(gateway, id);
    const row = {
      rowType: 1,
      dpl: value.dailyPnl.toNumber(),
      nl: whole(value.netLiquidation),
      upl: whole(value.unrealizedPnl),
      uel: whole(value.availableFunds),
      el: whole(value.availableFunds),
      mv: whole(value.positionsValue),
    };
    return [`${id}.Core`, row];
  });
  return json({ upnl: Object.fromEntries(rows) });
}
