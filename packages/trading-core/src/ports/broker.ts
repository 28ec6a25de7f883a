import type { Decimal } from "../domain/money.ts";
import type { Fill, OrderIntent, VenueOrder } from "../domain/order.ts";
import type { CancelOutcome, Outcome } from "../domain/outcome.ts";
import type { Reading } from "../domain/reading.ts";

/** The very request that would go out, built and checked, not sent. */
export interface PreparedOrder {
  intent: OrderIntent;
  /** The account that the request names; left out by a venue whose requests name none. */
  accountId?: string;
  /** The guard found nothing held and lets it open, or grow, a short: the operator's arm for shorts is on. */
  opensShort?: boolean;
  /** The request as it would be on the wire: shown by dry runs and previews. */
  request: { method: string; path: string; body: unknown };
}

/**
 * The last look before the first byte. The venue adapter calls `begin` when the line to the venue is its
 * own and the next thing is the order itself; when it returns a refusal, nothing may be sent.
 */
export interface DispatchGate {
  begin(): Promise<{ kind: "go" } | { kind: "stop"; reason: string; code: string }>;
  /** True for a proven exit: it is served before entries. */
  isExit: boolean;
  /**
   * Aborts when the server has no time left to wait for the venue (S13): what is not answered then counts as
   * unanswered, and a question is declined. Absent where nothing hurries.
   */
  hurry?: AbortSignal;
}

export interface VenuePreview {
  /** What the venue estimates, in its own currency; null where it does not say. */
  amount: Decimal | null;
  commission: Decimal | null;
  total: Decimal | null;
  marginChange: Decimal | null;
  availableFundsBefore: Decimal | null;
  availableFundsAfter: Decimal | null;
  currency: string | null;
  /** The venue's warnings, bounded and stripped. */
  warnings: string[];
  /** The venue would refuse the order, and why. */
  refusal: string | null;
}

/**
 * A venue's order side. Only `GuardedBroker` holds one. Writes never throw for what the venue did: the
 * outcome says whether an order can exist. Reads throw a TradingError, or answer `unread`.
 */
export interface Broker {
  /** It takes a bracket as one request of three orders. One that does not say so is never given a bracket. */
  readonly takesBrackets?: boolean;
  /** Builds and checks the request; throws a TradingError (`not_supported`, `invalid_order`) and sends nothing. */
  prepare(intent: OrderIntent): PreparedOrder;
  /** Asks the venue what it would make of the order; sends no order. */
  preview(prepared: PreparedOrder): Promise<VenuePreview>;
  submit(prepared: PreparedOrder, gate: DispatchGate): Promise<Outcome>;
  cancel(orderId: string, gate: DispatchGate): Promise<CancelOutcome>;
  /** Null when the venue does not know the order (any more): this proves nothing by itself. */
  order(orderId: string): Promise<VenueOrder | null>;
  /**
   * An order of ours by our own id, working or done, where the venue's list does not hold what is done: null
   * when it does not know it, which proves nothing by itself. Left out where the list answers that.
   */
  byClientOrderId?(clientOrderId: string, symbol: string): Promise<VenueOrder | null>;
  /** All orders that the venue lists for the account, working and recently done. */
  orders(): Promise<Reading<VenueOrder[]>>;
  /**
   * Executions of the last `days` days, 1–7.
   *
   * @param symbols the instruments that are asked about: a venue that lists executions instrument by
   *   instrument reads these only
   */
  fills(days: number, symbols?: readonly string[]): Promise<Reading<Fill[]>>;
  /** Refuses an order id that cannot exist, before any request; throws `invalid_order_id`. */
  checkOrderId(orderId: string): void;
}
