import { acquiredAsset, baseOf, quoteOf, turnsIntoCash } from "../domain/instrument.ts";
import { type Decimal, max, sum, ZERO } from "../domain/money.ts";
import type { Side, VenueOrder } from "../domain/order.ts";
import { remainingWorstCase } from "../journal/commitments.ts";
import { type LedgerOrder, remainingQuantity } from "../journal/ledger-order.ts";
import type { JournaledOrder } from "../journal/record.ts";
import type { RuleInput } from "./facts.ts";
import { describeHeld } from "./holdings.ts";
import { freshAsk } from "./worst-case.ts";

/** What a position is made more of, what of it is held, and what it may be worth at most. */
export interface Projection {
  name: string;
  held: string;
  /** In the risk currency, once everything that grows the position is filled. */
  value: Decimal;
}

/** The position that an entry grows; or why it cannot be said what that may be worth. */
export function projectedPosition(input: RuleInput): Projection | string {
  const { intent, facts, policy } = input;
  const { instrument } = intent;
  // A pair's sale that brings no cash is an entry into what it brings (S6).
  const isSwap =
    intent.side === "SELL" &&
    instrument.kind === "spot" &&
    !turnsIntoCash(intent, instrument, policy.cashCurrencies);
  if (isSwap) return positionInQuote(input);
  const value = positionInBase(input);
  if (typeof value === "string") return value;
  return { name: instrument.symbol, held: describeHeld(facts.holdings), value };
}

function positionInBase(input: RuleInput): Decimal | string {
  const { intent, facts, policy } = input;
  const { holdings, worstCase, rate } = facts;
  const { id } = intent.instrument;
  if (holdings.kind === "unknown") return holdings.reason;
  if (worstCase.kind === "unpriced") return worstCase.reason;
  if (rate.kind === "unknown") return rate.reason;
  const held = max(ZERO, intent.side === "BUY" ? holdings.high : holdings.low.neg());
  const own = ownEntries(input);
  const others = othersGrowing(input);
  if (others.some((order) => order.instrumentId !== id)) return STRANGE;
  if (held.eq(ZERO) && own.length === 0 && others.length === 0) return worstCase.value;
  // A limit far below the market must not make what is held look cheap.
  const market = freshAsk(facts.quote, policy, facts.now);
  if (typeof market === "string") return market;
  const local = worstCase.price === null ? market : max(market, worstCase.price);
  const price = local.times(rate.rate);
  const working = own.map((order) => {
    if (order.order.instrumentId !== id) return remainingWorstCase(order);
    return max(remainingWorstCase(order), (remainingQuantity(order) ?? ZERO).times(price));
  });
  const strange = others.map((order) => valueOfOthers(order, local)?.times(rate.rate) ?? null);
  if (strange.includes(null)) return "an order of somebody else on it has no size that can be read";
  return sum([held.times(price), ...working, ...strange.filter((value) => value !== null), worstCase.value]);
}

const STRANGE = "an order of somebody else on another pair may add to it";

/** The quote asset's worth needs no price but its rate: it is what the pair is priced in. */
function positionInQuote(input: RuleInput): Projection | string {
  const { acquired, rate, worstCase } = input.facts;
  if (acquired === null) return "what the order brings is not known";
  if (acquired.held.kind === "unread") return acquired.held.reason;
  if (worstCase.kind === "unpriced") return worstCase.reason;
  if (rate.kind === "unknown") return rate.reason;
  if (othersGrowing(input).length > 0) return STRANGE;
  const held = max(ZERO, acquired.held.value);
  const working = ownEntries(input).map(remainingWorstCase);
  return {
    name: acquired.asset,
    held: held.toFixed(),
    value: sum([held.times(rate.rate), ...working, worstCase.value]),
  };
}

/** Our entries that work or are unresolved, and grow the same position. */
function ownEntries({ intent, facts }: RuleInput): LedgerOrder[] {
  const { instrument } = intent;
  const asset = acquiredAsset(intent, instrument);
  const grows = ({ instrumentId, symbol, side, currency }: JournaledOrder) =>
    asset === null
      ? instrumentId === instrument.id && side === intent.side
      : (side === "BUY" ? baseOf(symbol) : currency) === asset;
  return facts.ledger
    .openOrders()
    .filter((order) => !order.exit && grows(order.order) && !facts.replaces.includes(order));
}

/** Working orders of others that may grow the same position. */
function othersGrowing({ intent, facts }: RuleInput): VenueOrder[] {
  const { instrument, side } = intent;
  const asset = acquiredAsset(intent, instrument);
  return facts.othersWorking.filter((order) => {
    if (asset === null) return order.instrumentId === instrument.id && order.side === side;
    return broughtBy(order.symbol, order.side) === asset;
  });
}

function broughtBy(symbol: string, side: Side): string | null {
  return side === "BUY" ? baseOf(symbol) : quoteOf(symbol);
}

/** In the currency that the instrument is priced in, as is `price`; null when its size cannot be read. */
function valueOfOthers(order: VenueOrder, price: Decimal): Decimal | null {
  if (order.quantity === null) return order.cashAmount;
  const remaining = max(ZERO, order.quantity.minus(order.filledQuantity ?? ZERO));
  return remaining.times(max(price, order.limitPrice ?? ZERO, order.stopPrice ?? ZERO));
}
