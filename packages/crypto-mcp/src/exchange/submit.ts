import { TradingError } from "trading-core/domain/errors";
import type { OrderIntent, VenueOrder } from "trading-core/domain/order";
import type { Outcome } from "trading-core/domain/outcome";
import type { DispatchGate, PreparedOrder } from "trading-core/ports/broker";
import type { CcxtMarket, SignedRequest } from "./ccxt.ts";
import type { Connection } from "./connection.ts";
import type { Exchange, Passage } from "./load-exchange.ts";
import type { NativeRequest } from "./order-forms/order-forms.ts";
import { toVenueOrder } from "./order-rows.ts";
import { meaningOf } from "./outcome.ts";
import { checkOnWire } from "./wire-check.ts";

/**
 * The order in the exchange's words, signed by CCXT, read back and compared with what was asked for. Throws
 * `not_supported`, `invalid_order` or `wire_mismatch`; sends nothing. What is shown carries no signature.
 */
export function prepareOrder(exchange: Exchange, intent: OrderIntent, market: CcxtMarket): PreparedOrder {
  const native = exchange.profile.forms.build(intent, market);
  const signed = sign(exchange, native);
  check(exchange, intent, market, signed);
  return {
    intent,
    request: { method: native.method, path: new URL(signed.url).pathname, body: native.params },
  };
}

type Writing = Pick<Connection, "exchange" | "write">;

/** Sends one order, once. Never throws for what the exchange did. */
export async function submitOrder(
  { exchange, write }: Writing,
  market: CcxtMarket,
  prepared: PreparedOrder,
  gate: DispatchGate,
): Promise<Outcome> {
  const { intent } = prepared;
  const { profile } = exchange;
  const native = profile.forms.build(intent, market);
  const look = await gate.begin();
  if (look.kind === "stop") return { kind: "not_sent", reason: look.reason, code: look.code };
  const passage = newPassage((request) => check(exchange, intent, market, request), gate.hurry);
  let raw: unknown;
  try {
    raw = await write(passage, (api) =>
      api.request(native.path, native.api, native.method, { ...native.params }),
    );
  } catch (error) {
    // Serves both: what it proves about the order is read from what was sent and answered.
    const meaning = meaningOf(error, passage, profile);
    switch (meaning.kind) {
      case "not_sent":
        return meaning;
      case "refused":
        return { ...meaning, kind: "rejected", exchanges: [] };
      case "unproven":
        return { kind: "unknown", reason: meaning.reason, exchanges: [] };
    }
  }
  return readAnswer(exchange, intent, market, raw);
}

/** Asks the exchange what it would make of the order; the request says that it is a question, or is not sent. */
export async function validateOrder(
  { exchange, write }: Writing,
  market: CcxtMarket,
  intent: OrderIntent,
): Promise<{ refusal: string | null }> {
  const { profile } = exchange;
  const native = profile.forms.validation(profile.forms.build(intent, market));
  const passage = newPassage((request) => check(exchange, intent, market, request, true));
  try {
    await write(passage, (api) => api.request(native.path, native.api, native.method, { ...native.params }));
    return { refusal: null };
  } catch (error) {
    const meaning = meaningOf(error, passage, profile);
    // A refusal of the order is what was asked about, and no failure of the asking.
    if (meaning.kind === "refused" && meaning.turnedAway === undefined) return { refusal: meaning.reason };
    throw new TradingError("preview_failed", `${meaning.reason}.`, "Try again.", { retryable: true });
  }
}

export function newPassage(check: (request: SignedRequest) => void, hurry?: AbortSignal): Passage {
  return { check, sent: false, status: null, body: null, hurry };
}

/** A success is one only with an id, and with our own id where the exchange names it. */
function readAnswer(exchange: Exchange, intent: OrderIntent, market: CcxtMarket, raw: unknown): Outcome {
  const doubt = (reason: string): Outcome => ({ kind: "unknown", reason, exchanges: [] });
  const { name } = exchange.profile;
  let order: VenueOrder | null;
  try {
    const seen = exchange.profile.forms.acknowledged(raw);
    if (seen === null) return doubt(`${name}'s answer to the order has no order id in it`);
    if (seen.clientOrderId !== null && seen.clientOrderId !== intent.clientOrderId) {
      return doubt(`${name}'s answer is about another order`);
    }
    order = seen.complete ? toVenueOrder(exchange, exchange.api.parseOrder(raw, market), market) : null;
    if (order !== null && order.side !== intent.side) return doubt(`${name}'s answer is about another order`);
    const orderId = exchange.profile.forms.orderId(market, seen.id);
    if (order?.status === "rejected") {
      return { kind: "rejected", reason: `${name} took the order and rejected it`, exchanges: [] };
    }
    return { kind: "acknowledged", orderId, order, exchanges: [] };
  } catch {
    // Serves both: it was sent, and what came back cannot be read.
    return doubt(`${name}'s answer to the order has an unexpected shape`);
  }
}

function sign(exchange: Exchange, native: NativeRequest): SignedRequest {
  return exchange.api.sign(native.path, native.api, native.method, { ...native.params });
}

function check(
  exchange: Exchange,
  intent: OrderIntent,
  market: CcxtMarket,
  request: SignedRequest,
  validateOnly = false,
): void {
  const { forms } = exchange.profile;
  checkOnWire(forms, intent, market, request, { endpoint: forms.endpoint, validateOnly });
}
