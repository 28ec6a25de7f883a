import type { Walk } from "./scenario.ts";

const STATUS = "iserver/auth/status";
const INIT = "iserver/auth/ssodh/init";

/** From a login without a brokerage session to a session that is gone, and every state in between. */
export const walkSession: Walk = async ({ get, post }, { control, clock }) => {
  await post(STATUS);
  await get("iserver/accounts");
  await get("portfolio/accounts");
  await post(INIT, {});
  await post(INIT, { publish: true, compete: true });
  await post(STATUS);
  await get("iserver/accounts");
  if ("advance" in clock) clock.advance(2_000);

  await get("iserver/marketdata/snapshot?conids=265598&fields=31");
  await get("iserver/account/orders");
  await get("iserver/accounts");
  await get(STATUS);
  await post("tickle");
  await get("tickle");
  await get("sso/validate");
  await post("iserver/reauthenticate");
  await post("iserver/account", { acctId: "DU1234567" });
  await post("iserver/account", { acctId: "DU7654321" });
  await post("iserver/account", { acctId: "INVALID999" });
  await post("iserver/account", {});
  await post("iserver/questions/suppress", { messageIds: ["o163", "o354"] });
  await post("iserver/questions/suppress", { messageIds: [] });
  await post("iserver/questions/suppress/reset");
  await post("iserver/notification", { orderId: 1, reqId: "22170", text: "Use on this order" });
  await post("iserver/dynaccount", { acctId: "DU1234567" });
  await get("iserver/account/search/DU");

  control.session.set("competed");
  await post(STATUS);
  await post(INIT, { publish: true, compete: false });
  await get("portfolio/accounts");
  control.session.set("idle_timeout");
  await post(STATUS);
  control.session.set("maintenance");
  await get("iserver/accounts");
  await post(INIT, { publish: true, compete: true });
  control.session.set("ready");
  await post("logout");
  await post(STATUS);
  await get("iserver/accounts");
  await post(INIT, { publish: true, compete: true });
  control.session.set("no_login");
  await post(STATUS);
};
