import type { Assembly } from "./assemble.ts";
import type { GatewayControl, RequestFilter } from "./control.ts";
import type { ReceivedRequest } from "./ibkr-gateway/server.ts";
import { Big } from "./market/decimal.ts";
import { createCalendar } from "./market/hours.ts";
import { instrumentOf } from "./market/instruments.ts";
import { truthOf } from "./truth.ts";

/** The levers of an assembled venue. */
export function buildControl(assembly: Assembly): GatewayControl {
  const { gateway, settings, faults, pacing, requests } = assembly;
  const { clock, engine, market } = gateway;
  const firstAccount = () => gateway.accounts()[0] ?? "";
  const settle = () => engine.tick();
  return {
    setPrice: (symbol, price) => {
      market.pin(symbol, price);
      settle();
    },
    unpinPrice: (symbol) => market.unpin(symbol),
    setMarketData: (symbol, availability) => market.setAvailability(symbol, availability),
    setHalted: (symbol, halted) => market.setHalted(symbol, halted),
    setHours: (hours) => {
      settings.calendar = createCalendar(hours);
    },
    advance: (milliseconds) => clock.advance(milliseconds),
    setTime: (instant) => clock.set(instant),
    tick: settle,
    setCash: (cash, account = firstAccount()) => engine.adjust(account, { cash: new Big(cash) }),
    setPosition: (symbol, quantity, averageCost, account = firstAccount()) => {
      const { conid, basePrice } = instrumentOf(symbol);
      const cost = averageCost ?? market.quote(conid)?.last ?? basePrice;
      engine.adjust(account, {
        position: { conid, quantity: new Big(quantity), averageCost: new Big(cost) },
      });
    },
    rejectOrder: (orderId, reason) => engine.reject(orderId, reason),
    faults,
    session: {
      state: () => gateway.session.state(),
      set: (next) => gateway.session.set(next),
    },
    pacing: {
      boxedUntil: () => pacing.boxedUntil(),
      set: (enabled) => {
        settings.pacing = enabled;
        if (!enabled) pacing.reset();
      },
      reset: () => pacing.reset(),
    },
    configure: (change) => {
      Object.assign(gateway.timings, change.timings);
      Object.assign(gateway.limits, change.limits);
      Object.assign(gateway.identity, change.identity);
      settings.immediateFills = change.immediateFills ?? settings.immediateFills;
    },
    requests: (filter = {}) => requests.filter((request) => isWanted(request, filter)),
    clearRequests: () => requests.splice(0),
    state: () => truthOf(gateway, pacing),
    reset: () => {
      assembly.openAccounts();
      market.reset();
      faults.clear();
      pacing.reset();
      assembly.renewSession();
    },
  };
}

function isWanted(request: ReceivedRequest, filter: RequestFilter): boolean {
  if (filter.method !== undefined && request.method !== filter.method.toUpperCase()) return false;
  if (filter.path === undefined) return true;
  return typeof filter.path === "string"
    ? request.path.includes(filter.path)
    : filter.path.test(request.path);
}
