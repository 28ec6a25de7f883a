import type { Walk } from "./scenario.ts";

const ACCOUNT = "DU1234567";
/** Every field that a quote may carry. */
const FIELDS =
  "31,55,70,71,73,74,75,76,82,83,84,85,86,87,88,6004,6008,6070,6509,7051,7059,7184,7219,7221,7280,7281,7292,7295,7296,7635,7741,7762,7768";

/** Accounts, holdings, contracts and prices, with the usual wrong questions among them. */
export const walkReads: Walk = async (recorder, gateway) => {
  await readPortfolio(recorder, gateway);
  await readContracts(recorder, gateway);
  await readMarketData(recorder, gateway);
};

const readPortfolio: Walk = async ({ get, post }) => {
  await get(`portfolio/${ACCOUNT}/ledger`);
  await get("portfolio/accounts");
  await get("portfolio/subaccounts");
  await get("portfolio/subaccounts2");
  for (const account of [ACCOUNT, "INVALID999"]) {
    for (const what of ["meta", "summary", "ledger", "allocation", "combo/positions"]) {
      await get(`portfolio/${account}/${what}`);
    }
    // The first read gives short rows, the second long ones.
    await get(`portfolio/${account}/positions/0`);
    await get(`portfolio/${account}/positions/0?sort=position&direction=d`);
    await get(`portfolio/${account}/positions/9`);
    await get(`portfolio/${account}/position/756733`);
    await get(`portfolio2/${account}/positions`);
    await post(`portfolio/${account}/positions/invalidate`);
  }
  await get("portfolio/positions/756733");
  await get("iserver/accounts");
  await get("iserver/account/pnl/partitioned");
  await get("iserver/account/pnl/partitioned");
  await get(`iserver/account/${ACCOUNT}/summary`);
  await get("iserver/account/INVALID999/summary");
};

const readContracts: Walk = async ({ get, post }) => {
  await get("iserver/secdef/search?symbol=AAPL");
  await post("iserver/secdef/search", { symbol: "SPY" });
  await get("iserver/secdef/search?symbol=apple&name=true");
  await get("iserver/secdef/search?symbol=ZZZZ");
  await get("iserver/secdef/search");
  await get("trsrv/stocks?symbols=AAPL,AMZN,ZZZZ");
  await get("trsrv/secdef?conids=265598,756733");
  await get("trsrv/secdef?conids=999999999");
  await get("trsrv/secdef/schedule?assetClass=STK&symbol=AAPL");
  await get("trsrv/secdef/schedule?assetClass=STK&symbol=AAPL&exchange=SMART");
  await get("trsrv/secdef/schedule?assetClass=STK&symbol=AAPL&conid=265598");
  await get("trsrv/all-conids?exchange=NASDAQ");
  await get("trsrv/futures?symbols=ES");
  await get("contract/trading-schedule?conid=756733");
  await get("contract/trading-schedule?conid=0");
  await get("iserver/contract/265598/info");
  await get("iserver/contract/999999999/info");
  await get("iserver/contract/265598/info-and-rules?isBuy=true");
  await get("iserver/contract/265598/info-and-rules?isBuy=false");
  await get("iserver/contract/999999999/info-and-rules?isBuy=true");
  await post("iserver/contract/rules", { conid: 756733, isBuy: true });
  await post("iserver/contract/rules", { conid: 0, isBuy: true });
  await get("iserver/secdef/info?conid=265598&sectype=STK");
  await get("iserver/secdef/info?conid=756733&sectype=OPT&month=202701");
  await get("iserver/secdef/info?conid=999999999&sectype=STK");
  await get("iserver/secdef/strikes?conid=756733&sectype=OPT&month=JAN27");
  await get("iserver/currency/pairs?currency=USD");
  await get("iserver/exchangerate?source=USD&target=EUR");
};

const readMarketData: Walk = async ({ get, post }, { control }) => {
  const history = "iserver/marketdata/history?conid=756733";
  control.setPrice("AAPL", { last: 1_268.4 });
  control.setMarketData("MSFT", "N");
  control.setHalted("IBM", true);
  // The first poll opens the streams, the second has prices, the third everything.
  for (let poll = 0; poll < 3; poll += 1) {
    await get(`iserver/marketdata/snapshot?conids=265598,272093,8314,999999999&fields=${FIELDS}`);
  }
  await get("iserver/marketdata/snapshot?fields=31");
  await post("iserver/marketdata/unsubscribe", { conid: 265598 });
  await post("iserver/marketdata/unsubscribe", { conid: 265598 });
  await get("iserver/marketdata/unsubscribeall");
  await get(`${history}&period=2d&bar=5min`);
  await get(`${history}&period=1y&bar=1d`);
  // A Sunday: nothing traded in that window.
  await get(`${history}&period=1h&bar=5min&startTime=20261115-15:00:00`);
  await get(`${history}&period=1d&bar=1s`);
  await get("iserver/marketdata/history?conid=272093&period=1d&bar=5min");
  await get("iserver/marketdata/history?conid=8314&period=1d&bar=5min");
  await get("iserver/marketdata/history?conid=999999999&period=1d&bar=5min");
};
