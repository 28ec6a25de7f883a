import { type Exchange, executionsOf } from "../exchange/exchange.ts";
import { json, Refusal } from "../exchange/reply.ts";
import { isWorking } from "../market/order.ts";
import { cancelOne } from "./cancel.ts";
import { refuse } from "./errors.ts";
import type { Limits } from "./limits.ts";
import { findOrder } from "./order-reads.ts";
import { placedRow } from "./order-rows.ts";
import type { Parameters } from "./parameters.ts";
import { readOrder, responseTypeIn, takeOrder } from "./place-order.ts";

type Step = { done: true; answer: object } | { done: false; answer: object };

/** A step's answer, or the exchange's refusal of it as data. */
function attempt(step: () => object): Step {
  try {
    return { done: true, answer: step() };
  } catch (error) {
    // A refusal of one half is part of the answer; anything else is none of ours to hide.
    if (!(error instanceof Refusal)) throw error;
    return { done: false, answer: JSON.parse(error.reply.body) as object };
  }
}

/**
 * POST order/cancelReplace: two steps in one request, and no more atomic than that. The filters come first;
 * then the cancel; then the new order, which may still be refused after the old one is gone.
 */
export function cancelReplace(exchange: Exchange, parameters: Parameters, limits: Limits): unknown {
  const mode = parameters.required("cancelReplaceMode");
  if (mode !== "STOP_ON_FAILURE" && mode !== "ALLOW_FAILURE") {
    refuse(-1130, "Data sent for parameter 'cancelReplaceMode' is not valid.");
  }
  const orderId = parameters.integer("cancelOrderId");
  const clientOrderId = parameters.text("cancelOrigClientOrderId");
  if (orderId === undefined && clientOrderId === undefined) {
    refuse(
      -1102,
      "Param 'cancelOrigClientOrderId' or 'cancelOrderId' must be sent, but both were empty/null!",
    );
  }
  const ticket = readOrder(exchange, parameters);
  const response = responseTypeIn(parameters, ticket.type);
  limits.countOrders(1);

  const open = [...exchange.engine.state.orders.values()].filter(isWorking);
  const target = findOrder(open, ticket.pair, { orderId, clientOrderId });
  const cancelling = attempt(() => cancelOne(exchange, parameters, target, "cancelNewClientOrderId"));
  const stopped = !cancelling.done && mode === "STOP_ON_FAILURE";
  const placing = stopped
    ? null
    : attempt(() => {
        const order = takeOrder(exchange, ticket);
        return placedRow(exchange, order, response, executionsOf(exchange, order));
      });
  const results = {
    cancelResult: cancelling.done ? "SUCCESS" : "FAILURE",
    newOrderResult: placing === null ? "NOT_ATTEMPTED" : placing.done ? "SUCCESS" : "FAILURE",
    cancelResponse: cancelling.answer,
    newOrderResponse: placing?.answer ?? null,
  };
  if (cancelling.done && placing?.done === true) return results;
  const partly = cancelling.done || placing?.done === true;
  const failure = partly
    ? { code: -2021, msg: "Order cancel-replace partially failed." }
    : { code: -2022, msg: "Order cancel-replace failed." };
  throw new Refusal(json({ ...failure, data: results }, partly ? 409 : 400));
}
