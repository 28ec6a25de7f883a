import { type Decimal, parseDecimal, plain } from "trading-core/domain/money";
import type { OrderType } from "trading-core/domain/order";
import {
  notSupported,
  type OrderForms,
  type OrderOnWire,
  paramsOf,
  termsOf,
  UNREADABLE,
} from "./order-forms.ts";

/** Type tokens. A take-profit fires the other way round, and is none of ours. */
const TYPES: Partial<Record<OrderType, string>> = {
  market: "market",
  limit: "limit",
  stop: "stop-loss",
  stop_limit: "stop-loss-limit",
  trailing_stop: "trailing-stop",
};

const OURS = new Map(Object.entries(TYPES).map(([type, token]) => [token, type as OrderType]));

const KNOWN = new Set([
  "nonce",
  "pair",
  "type",
  "ordertype",
  "volume",
  "price",
  "price2",
  "oflags",
  "timeinforce",
  "cl_ord_id",
  "validate",
  "trigger",
]);

/** "OUF4EM-FRGI2-MQMWZD" */
const ID = /^[A-Z0-9]{4,12}(?:-[A-Z0-9]{4,12}){2}$/;

/** The one order flag that is used: the volume is an amount of the quote currency. */
const BY_AMOUNT = "viqc";

/**
 * Kraken spot: `POST /0/private/AddOrder`. The trigger of a stop stands in `price`, its limit in `price2`. Its
 * fees are taken in the quote currency unless a flag asks otherwise.
 */
export const kraken: OrderForms = {
  endpoint: "POST /0/private/AddOrder",
  takesCashAmount: () => true,
  build(intent, market) {
    const terms = termsOf(intent);
    const token = TYPES[terms.type];
    if (token === undefined) {
      throw notSupported(
        `A ${terms.type} order on Kraken is not verified here`,
        "Use another type of order.",
      );
    }
    const params: Record<string, string> = {
      pair: market.id,
      type: intent.side === "BUY" ? "buy" : "sell",
      ordertype: token,
      volume: terms.quantity ?? terms.cashAmount ?? "",
      cl_ord_id: intent.clientOrderId,
    };
    if (terms.cashAmount !== null) params.oflags = BY_AMOUNT;
    if (terms.trail !== null) {
      params.price = `+${terms.trail}`;
      // Of the last trade, which is what its other stops go by too.
      params.trigger = "last";
    } else if (terms.stopPrice !== null) {
      params.price = terms.stopPrice;
      if (terms.limitPrice !== null) params.price2 = terms.limitPrice;
    } else if (terms.limitPrice !== null) {
      params.price = terms.limitPrice;
    }
    if (terms.timeInForce !== null) params.timeinforce = terms.timeInForce;
    return { path: "AddOrder", api: "private", method: "POST", params };
  },
  validation: (order) => ({ ...order, params: { ...order.params, validate: "true" } }),
  cancel: (_market, orderId) => ({
    path: "CancelOrder",
    api: "private",
    method: "POST",
    params: { txid: orderId },
  }),
  acknowledged(raw) {
    const result = (raw as { result?: { txid?: unknown } } | null)?.result;
    const [id, ...more] = Array.isArray(result?.txid) ? result.txid : [];
    if (typeof id !== "string" || !ID.test(id) || more.length > 0) return null;
    // A receipt: neither status nor our own id is in it.
    return { id, clientOrderId: null, complete: false };
  },
  orderId: (_market, id) => id,
  splitOrderId: (orderId) => (ID.test(orderId) ? { id: orderId, marketId: null } : null),
  read(request): OrderOnWire {
    const params = paramsOf(request);
    if (params === null) return UNREADABLE;
    const get = (name: string) => params.get(name) ?? null;
    const type = OURS.get(get("ordertype") ?? "") ?? null;
    const side = get("type") === "buy" ? "BUY" : get("type") === "sell" ? "SELL" : null;
    const flags = get("oflags");
    const byAmount = flags === BY_AMOUNT;
    const trails = type === "trailing_stop";
    const isConditional = type === "stop" || type === "stop_limit" || trails;
    const unknown = [...params.keys()].filter((name) => !KNOWN.has(name));
    const trigger = get("trigger");
    if (trigger !== null && !(trails && trigger === "last")) unknown.push(`trigger ${trigger}`);
    if (flags !== null && !byAmount) unknown.push(`oflags ${flags}`);
    return {
      endpoint: `${request.method} ${new URL(request.url).pathname}`,
      market: get("pair"),
      side,
      type,
      quantity: byAmount ? null : get("volume"),
      cashAmount: byAmount ? get("volume") : null,
      limitPrice: isConditional ? get("price2") : get("price"),
      stopPrice: isConditional && !trails ? get("price") : null,
      trail: trails ? (distanceIn(get("price"))?.text ?? null) : null,
      fires: isConditional && side !== null ? (side === "SELL" ? "falling" : "rising") : null,
      clientOrderId: get("cl_ord_id"),
      timeInForce: get("timeinforce"),
      validateOnly: get("validate") === "true",
      unknown,
    };
  },
  typeOf(info) {
    const type = descriptionOf(info)?.ordertype;
    return typeof type === "string" ? (OURS.get(type) ?? null) : null;
  },
  trailOf(info) {
    const description = descriptionOf(info);
    if (description?.ordertype !== TYPES.trailing_stop) return {};
    const distance = typeof description?.price === "string" ? distanceIn(description.price) : null;
    if (distance === null) return {};
    return distance.isPercent ? { trailPercent: distance.figure } : { trailAmount: distance.figure };
  },
};

function descriptionOf(info: Record<string, unknown>): Record<string, unknown> | null {
  const { descr } = info;
  return typeof descr === "object" && descr !== null ? (descr as Record<string, unknown>) : null;
}

/** "+5%", "+5.0000%" or "+250.0": always behind the market, whichever side the order is on. */
function distanceIn(price: string | null): { figure: Decimal; isPercent: boolean; text: string } | null {
  const match = /^\+(\d+(?:\.\d+)?)(%?)$/.exec(price ?? "");
  const figure = parseDecimal(match?.[1]);
  if (figure === null) return null;
  const isPercent = match?.[2] === "%";
  return { figure, isPercent, text: `${plain(figure)}${isPercent ? "%" : ""}` };
}
