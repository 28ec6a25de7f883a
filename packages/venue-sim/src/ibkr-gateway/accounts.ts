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

export function getAccountSummary(request: GatewayRequest, gateway: Gateway): Reply {
  const id = knownAccount(request, gateway);
  if (id === null) {
    return webError(400, `Bad Request: accountId is not valid: ${param(request, "accountId")}`);
  }
  const value = valuationOf(gateway, id);
  const cash = value.cash.toNumber();
  return json({
    accountType: "",
    status: "",
    balance: value.equity.toNumber(),
    SMA: value.availableFunds.toNumber(),
    buyingPower: value.buyingPower.toNumber(),
    availableFunds: value.availableFunds.toNumber(),
    excessLiquidity: value.availableFunds.toNumber(),
    netLiquidationValue: value.netLiquidation.toNumber(),
    equityWithLoanValue: value.equity.toNumber(),
    regTLoan: 0,
    securitiesGVP: value.grossPositions.toNumber(),
    totalCashValue: cash,
    accruedInterest: 0,
    regTMargin: 0,
    initialMargin: value.initialMargin.toNumber(),
    maintenanceMargin: value.maintenanceMargin.toNumber(),
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
      nl: value.netLiquidation.toNumber(),
      upl: value.unrealizedPnl.toNumber(),
      uel: value.availableFunds.toNumber(),
      el: value.availableFunds.toNumber(),
      mv: value.positionsValue.toNumber(),
    };
    return [`${id}.Core`, row];
  });
  return json({ upnl: Object.fromEntries(rows) });
}
