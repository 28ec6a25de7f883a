import { TradingError } from "trading-core/domain/errors";
import { parseDecimal } from "trading-core/domain/money";
import type { OrderIntent } from "trading-core/domain/order";
import type { CcxtMarket, SignedRequest } from "./ccxt.ts";
import { type OrderForms, type OrderOnWire, termsOf } from "./order-forms/order-forms.ts";

/**
 * Compares a signed request, as it would leave, with the order that was asked for. It is read back from the
 * bytes and not from what they were made of: a library in between has been seen to send a stop as a market
 * order and an amount of money as a number of coins. Throws `wire_mismatch` naming every difference.
 */
export function checkOnWire(
  forms: OrderForms,
  intent: OrderIntent,
  market: CcxtMarket,
  request: SignedRequest,
  expected: { endpoint: string; validateOnly: boolean },
): void {
  const differences = differencesOf(readSafely(forms, request), intent, market, expected);
  if (differences.length === 0) return;
  throw new TradingError(
    "wire_mismatch",
    `The request that was built is not the order that was asked for: ${differences.join("; ")}.`,
    "Nothing was sent. Report this with the type of order; use another one meanwhile.",
    { details: { outcome: "not_sent" } },
  );
}

function readSafely(forms: OrderForms, request: SignedRequest): OrderOnWire | null {
  try {
    return forms.read(request);
  } catch {
    // Serves both: what cannot be read back is not sent.
    return null;
  }
}

function differencesOf(
  wire: OrderOnWire | null,
  intent: OrderIntent,
  market: CcxtMarket,
  expected: { endpoint: string; validateOnly: boolean },
): string[] {
  if (wire === null) return ["it cannot be read back"];
  const terms = termsOf(intent);
  const differences: string[] = [];
  const compare = (what: string, found: string | boolean | null, wanted: string | boolean | null) => {
    if (found !== wanted) differences.push(`${what} is ${show(found)} instead of ${show(wanted)}`);
  };
  const compareFigure = (what: string, found: string | null, wanted: string | null) => {
    const a = found === null ? null : parseDecimal(found);
    const b = wanted === null ? null : parseDecimal(wanted);
    const same = found === null || wanted === null ? found === wanted : a !== null && b !== null && a.eq(b);
    if (!same) differences.push(`${what} is ${show(found)} instead of ${show(wanted)}`);
  };
  if (market.spot !== true || market.contract === true)
    differences.push(`${market.symbol} is no spot market`);
  if (intent.instrument.symbol !== market.symbol) {
    differences.push(`the market is ${market.symbol} instead of ${intent.instrument.symbol}`);
  }
  compare("the endpoint", wire.endpoint, expected.endpoint);
  compare("validation only", wire.validateOnly, expected.validateOnly);
  compare("the market", wire.market, market.id);
  compare("the side", wire.side, intent.side);
  compare("the order type", wire.type, terms.type);
  compareFigure("the quantity", wire.quantity, terms.quantity);
  compareFigure("the amount", wire.cashAmount, terms.cashAmount);
  compareFigure("the limit price", wire.limitPrice, terms.limitPrice);
  compareFigure("the trigger price", wire.stopPrice, terms.stopPrice);
  compare("the distance behind the market", wire.trail, terms.trail);
  compare(
    "the trigger's direction",
    wire.fires,
    firesOf(intent, terms.stopPrice !== null || terms.trail !== null),
  );
  compare("the client order id", wire.clientOrderId, intent.clientOrderId);
  compare("the time in force", wire.timeInForce, terms.timeInForce);
  if (wire.unknown.length > 0) {
    differences.push(`it holds ${wire.unknown.map((name) => JSON.stringify(name)).join(", ")}`);
  }
  return differences;
}

/** A stop that sells protects against a fall; one that buys, against a rise. */
function firesOf(intent: OrderIntent, isConditional: boolean): "falling" | "rising" | null {
  if (!isConditional) return null;
  return intent.side === "SELL" ? "falling" : "rising";
}

function show(value: string | boolean | null): string {
  return value === null ? "missing" : String(value);
}
