import { createHash } from "node:crypto";
import { type Exchange, executionsOf, place } from "../exchange/exchange.ts";
import type { Order } from "../market/order.ts";
import type { SpotPair } from "../market/spot-pairs.ts";
import { commissionRates } from "./account.ts";
import { refuse } from "./errors.ts";
import type { Limits } from "./limits.ts";
import {
  checkAccount,
  checkBalance,
  checkDuplicate,
  checkFilters,
  checkMaker,
  checkTrigger,
  needOf,
} from "./order-checks.ts";
import { placedRow, type ResponseType } from "./order-rows.ts";
import type { Parameters } from "./parameters.ts";
import { symbolIn } from "./symbols.ts";
import { draftOf, sideIn, type Ticket, ticketFrom, typeIn } from "./tickets.ts";

const ORDERS_PER_OPENING = 1_000_000;

/**
 * The next order number of a symbol. Each symbol counts on its own, so numbers repeat across symbols, as
 * they may on the real exchange. After a reset counting goes on above everything handed out before.
 */
export function nextOrderNumbers(exchange: Exchange, pair: SpotPair, count: number): number[] {
  const { state } = exchange.engine;
  let known = 0;
  for (const order of state.orders.values()) if (order.conid === pair.conid) known += 1;
  return Array.from({ length: count }, (_, i) => state.openings * ORDERS_PER_OPENING + known + 1 + i);
}

/** The name that an order gets whose client gave it none. */
export function nameFor(seed: string): string {
  return createHash("sha256").update(seed).digest("base64url").replaceAll(/[-_]/g, "0").slice(0, 22);
}

/** Reads an order and holds it against the filters: all that happens before the matching engine. */
export function readOrder(exchange: Exchange, parameters: Parameters): Ticket {
  const pair = symbolIn(exchange, parameters);
  const ticket = ticketFrom(parameters, { pair, side: sideIn(parameters), type: typeIn(parameters) });
  checkFilters(exchange, ticket);
  return ticket;
}

/** Takes one order that has been read; throws the exchange's refusal. */
export function takeOrder(exchange: Exchange, ticket: Ticket): Order {
  checkAccount(exchange, [ticket]);
  checkTrigger(exchange, ticket);
  checkMaker(exchange, ticket);
  checkDuplicate(exchange, [ticket.clientOrderId]);
  checkBalance(exchange, needOf(exchange, ticket));
  const [orderId = 0] = nextOrderNumbers(exchange, ticket.pair, 1);
  const id = exchange.engine.nextOrderId();
  const clientOrderId = ticket.clientOrderId ?? nameFor(`order ${id}`);
  const [order] = place(exchange, [{ id, draft: draftOf(exchange, ticket, { clientOrderId, orderId }) }]);
  if (order === undefined) throw new Error("the engine took no order");
  return order;
}

/** How much the answer tells; by the type of the order unless it was asked for. */
export function responseTypeIn(parameters: Parameters, type: string): ResponseType {
  const asked = parameters.text("newOrderRespType");
  if (asked === undefined) return type === "MARKET" || type === "LIMIT" ? "FULL" : "ACK";
  if (asked === "ACK" || asked === "RESULT" || asked === "FULL") return asked;
  return refuse(-1130, "Data sent for parameter 'newOrderRespType' is not valid.");
}

export function newOrder(exchange: Exchange, parameters: Parameters, limits: Limits): unknown {
  const ticket = readOrder(exchange, parameters);
  const response = responseTypeIn(parameters, ticket.type);
  limits.countOrders(1);
  const order = takeOrder(exchange, ticket);
  return placedRow(exchange, order, response, executionsOf(exchange, order));
}

/** Validates an order and forgets it: neither the market nor the balance is looked at, as on the real exchange. */
export function testOrder(exchange: Exchange, parameters: Parameters): unknown {
  const ticket = readOrder(exchange, parameters);
  responseTypeIn(parameters, ticket.type);
  checkAccount(exchange, [ticket]);
  if (parameters.text("computeCommissionRates") !== "true") return {};
  const { standardCommission, taxCommission, discount } = commissionRates(exchange);
  return {
    standardCommissionForOrder: { maker: standardCommission.maker, taker: standardCommission.taker },
    taxCommissionForOrder: { maker: taxCommission.maker, taker: taxCommission.taker },
    discount,
  };
}
