import { once } from "node:events";
import { connect } from "node:net";
import { createInterface } from "node:readline";
import { childLegs, type LegRole } from "trading-core/domain/bracket";
import { TradingError } from "trading-core/domain/errors";
import type { Instrument } from "trading-core/domain/instrument";
import { decimal } from "trading-core/domain/money";
import type { OrderIntent, VenueOrder } from "trading-core/domain/order";
import { read, unread } from "trading-core/domain/reading";
import type { Broker } from "trading-core/ports/broker";
import type { MarketData } from "trading-core/ports/market-data";
import type { Session } from "trading-core/ports/session";
import { quoteOf, stock } from "trading-core/testing/fixtures";
import {
  type Execution,
  type PlacedOrder,
  priceOf,
  type SentOrder,
  type VenueRequest,
} from "./socket-venue.ts";

/** The socket venue behind the project's ports, as plain as an adapter can be. */
export async function connectSocketVenue(
  port: number,
): Promise<{ broker: Broker; marketData: MarketData; session: Session }> {
  const socket = connect(port, "127.0.0.1");
  socket.setNoDelay(true);
  await once(socket, "connect");
  const waiting = new Map<number, (result: unknown) => void>();
  let lastId = 0;
  createInterface({ input: socket }).on("line", (line) => {
    const { id, result } = JSON.parse(line) as { id: number; result: unknown };
    waiting.get(id)?.(result);
    waiting.delete(id);
  });

  function ask<T>(request: Omit<VenueRequest, "id">): Promise<T> {
    const id = ++lastId;
    socket.write(`${JSON.stringify({ id, ...request })}\n`);
    return new Promise((resolve) => waiting.set(id, resolve as (result: unknown) => void));
  }

  const broker: Broker = {
    takesBrackets: true,
    prepare(intent) {
      const legs = childLegs(intent);
      const body = [
        sentOrder(intent, legs.length > 0 ? "entry" : null),
        ...legs.map(({ role, intent: leg }) => sentOrder(leg, role)),
      ];
      return { intent, request: { method: "POST", path: "/orders", body } };
    },
    preview: () => Promise.reject(new Error("this venue has no preview")),
    async submit({ request }, gate) {
      // As on a venue where one order conversation runs at a time: the line comes first, then the last look.
      await ask({ method: "line" });
      const look = await gate.begin();
      if (look.kind === "stop") return { kind: "not_sent", reason: look.reason, code: look.code };
      const order = await ask<PlacedOrder>({ method: "submit", orders: request.body as SentOrder[] });
      return { kind: "acknowledged", orderId: order.orderId, order: venueOrder(order), exchanges: [] };
    },
    async cancel(orderId, gate) {
      await ask({ method: "line" });
      const look = await gate.begin();
      if (look.kind === "stop") return { kind: "not_sent", reason: look.reason, code: look.code };
      const order = await ask<PlacedOrder | null>({ method: "cancel", orderId });
      if (order === null) return { kind: "rejected", reason: "no such order", order: null };
      return { kind: "done", order: venueOrder(order) };
    },
    async order(orderId) {
      const order = await ask<PlacedOrder | null>({ method: "order", orderId });
      return order === null ? null : venueOrder(order);
    },
    async orders() {
      const began = Date.now();
      return read((await ask<PlacedOrder[]>({ method: "orders" })).map(venueOrder), began);
    },
    async fills() {
      const began = Date.now();
      const fills = (await ask<Execution[]>({ method: "fills" })).map((each) => ({
        ...each,
        instrumentId: instrumentOf(each.symbol).id,
        quantity: decimal(each.quantity),
        price: decimal(each.price),
        fee: decimal(0),
      }));
      return read(fills, began);
    },
    checkOrderId() {},
  };

  const marketData: MarketData = {
    async resolve(symbol) {
      return instrumentOf(symbol);
    },
    async quotes(instruments) {
      await ask({ method: "quote" });
      const now = Date.now();
      return instruments.map((each) => read(quoteOf(each, now), now));
    },
    schedule: async () => ({ sessions: [], alwaysOpen: true }),
    accountSummary: () => Promise.reject(new Error("this venue has no summary")),
    dailyPnl: async () => unread("this venue does not say"),
    rate: async () => unread("this venue has one currency"),
    history: () => Promise.reject(new Error("this venue keeps no history")),
    search: () => Promise.reject(new Error("this venue has no search")),
    async positions() {
      const began = Date.now();
      const rows = await ask<{ symbol: string; quantity: number }[]>({ method: "positions" });
      const positions = rows
        .filter(({ quantity }) => quantity !== 0)
        .map(({ symbol, quantity }) => ({
          instrumentId: instrumentOf(symbol).id,
          symbol,
          quantity: decimal(quantity),
          averageCost: null,
          marketPrice: null,
          marketValue: null,
          unrealizedPnl: null,
          currency: "USD",
        }));
      return read(positions, began);
    },
  };

  const session: Session = {
    status: async () => ({
      ready: true,
      state: "ready",
      message: "ready",
      nextStep: null,
      lockedUntil: null,
      serverVersion: null,
    }),
    ensureReady: async () => {},
    async identity() {
      await ask({ method: "identity" });
      return { accountId: "DU1", isPaper: true, evidence: "the socket venue" };
    },
    flags: async () => ({ supportsFractions: null, supportsCashAmount: null }),
    clockSkew: () => 0,
    close: async () => {},
  };
  return { broker, marketData, session };
}

function instrumentOf(symbol: string): Instrument {
  if (!/^[A-Z]\d+$/.test(symbol)) throw new TradingError("unknown_symbol", `No ${symbol}.`, "Search.");
  return stock(symbol);
}

function sentOrder(intent: OrderIntent, role: LegRole | null): SentOrder {
  const { clientOrderId, instrument, side, orderType, quantity, limitPrice, stopPrice, timeInForce } = intent;
  if (orderType === "stop_limit") throw new Error("this venue takes no stop-limit orders");
  return {
    clientOrderId,
    symbol: instrument.symbol,
    side,
    orderType,
    quantity: Number(quantity),
    limitPrice: limitPrice === null ? null : Number(limitPrice),
    stopPrice: stopPrice === null ? null : Number(stopPrice),
    timeInForce,
    role,
  };
}

function venueOrder(order: PlacedOrder): VenueOrder {
  return {
    orderId: order.orderId,
    clientOrderId: order.parentOrderId === null ? order.clientOrderId : null,
    parentOrderId: order.parentOrderId,
    instrumentId: instrumentOf(order.symbol).id,
    symbol: order.symbol,
    side: order.side,
    orderType: order.orderType,
    quantity: decimal(order.quantity),
    cashAmount: null,
    filledQuantity: decimal(order.filled),
    averagePrice: order.filled > 0 ? decimal(priceOf(order)) : null,
    limitPrice: order.limitPrice === null ? null : decimal(order.limitPrice),
    stopPrice: order.stopPrice === null ? null : decimal(order.stopPrice),
    timeInForce: order.timeInForce,
    status: order.status,
    message: null,
  };
}
