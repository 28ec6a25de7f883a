import type { AccountFlags, Identity, Position } from "../domain/account.ts";
import { childLegs } from "../domain/bracket.ts";
import { TradingError } from "../domain/errors.ts";
import type { ExchangeRate } from "../domain/exchange-rate.ts";
import { type Instrument, quoteOf as pricedIn } from "../domain/instrument.ts";
import { type Decimal, decimal, plain, ZERO } from "../domain/money.ts";
import {
  type Fill,
  isTerminal,
  type OrderIntent,
  opposite,
  signed,
  type VenueOrder,
} from "../domain/order.ts";
import type { CancelOutcome, Outcome } from "../domain/outcome.ts";
import type { Quote } from "../domain/quote.ts";
import { type Reading, read, unread } from "../domain/reading.ts";
import type { Broker, DispatchGate, PreparedOrder } from "../ports/broker.ts";
import type { Clock } from "../ports/clock.ts";
import type { MarketData, MarketSchedule } from "../ports/market-data.ts";
import type { Session } from "../ports/session.ts";

export type SubmitScript = (prepared: PreparedOrder, gate: DispatchGate) => Promise<Outcome>;
export type CancelScript = (order: VenueOrder, gate: DispatchGate) => Promise<CancelOutcome>;

/**
 * A venue in memory that does what a test tells it to. Left alone it takes every order, fills market
 * orders at once and lets the others rest; its list of positions lags until `settle` is called.
 */
export interface ScriptedVenue {
  broker: Broker;
  marketData: MarketData;
  session: Session;
  /** What reached the venue, in order: "BUY 10 AAPL market", "cancel 3". */
  wire: string[];
  /** What the next submits and cancels do instead of the usual; used up one by one. */
  nextSubmits: SubmitScript[];
  nextCancels: CancelScript[];
  identity: Identity | Error;
  instruments: Map<string, Instrument>;
  quotes: Map<string, Quote>;
  schedule: MarketSchedule | null;
  /** The venue's orders by its own id; those of others are put in by a test. */
  orders: Map<string, VenueOrder>;
  fills: Fill[];
  /** What every fill costs, in the currency named or else the instrument's. */
  fee: { amount: Decimal; currency?: string };
  /** What the account gained today, in `baseCurrency`; null leaves it unread. */
  dailyPnl: Decimal | null;
  baseCurrency: string;
  /** Rates by "FROM/TO": a number as of now, a whole rate, or why it cannot be read; one that is missing is unread. */
  rates: Map<string, string | Partial<ExchangeRate> | Error>;
  /** Rates that were asked for, in order. */
  ratesAsked: string[];
  /** Venue time minus local time, milliseconds. */
  clockSkewMs: number | null;
  /** Why a list cannot be read; null reads it. */
  ordersUnread: string | null;
  fillsUnread: string | null;
  positionsUnread: string | null;
  /** Makes single orders unreadable. */
  orderError: Error | null;
  /** What is listed as held, by instrument id. */
  listed: Map<string, Decimal>;
  /** What the list calls a position where that is not its instrument's id. */
  positionSymbols: Map<string, string>;
  /** What is really held. */
  held: Map<string, Decimal>;
  /** Sets both. */
  hold(instrument: Instrument, quantity: string): void;
  /** The list of positions catches up with what is held. */
  settle(): void;
  /** Takes an order as the usual submit does, without its answer; returns it as the venue holds it. */
  accept(intent: OrderIntent): VenueOrder;
  /** Of the next brackets only the entry reaches the book. */
  landsEntryAlone: boolean;
  /** Fills an order, or a part of it. */
  fill(orderId: string, quantity?: string, price?: string): void;
  /** Changes an order as the venue tells it. */
  amend(orderId: string, change: Partial<VenueOrder>): void;
}

export function scriptedVenue(clock: Clock, instruments: Instrument[]): ScriptedVenue {
  let lastOrder = 0;
  let lastFill = 0;
  const venue: ScriptedVenue = {
    broker: {
      takesBrackets: true,
      prepare,
      preview,
      submit,
      cancel,
      order,
      orders,
      fills,
      checkOrderId() {},
    },
    marketData: {
      resolve,
      quotes: async (wanted) => wanted.map(quoteOf),
      history: () => Promise.reject(new Error("not scripted")),
      search: () => Promise.reject(new Error("not scripted")),
      schedule: async () => venue.schedule,
      accountSummary: () => Promise.reject(new Error("not scripted")),
      positions,
      rate,
      dailyPnl: async () =>
        venue.dailyPnl === null
          ? unread("no result was scripted")
          : read({ amount: venue.dailyPnl, currency: venue.baseCurrency }, clock.now()),
    },
    session: {
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
        if (venue.identity instanceof Error) throw venue.identity;
        return venue.identity;
      },
      flags: async (): Promise<AccountFlags> => ({ supportsFractions: null, supportsCashAmount: null }),
      clockSkew: () => venue.clockSkewMs,
      close: async () => {},
    },
    wire: [],
    nextSubmits: [],
    nextCancels: [],
    identity: { accountId: "DU1", isPaper: true, evidence: "scripted" },
    instruments: new Map(instruments.map((each) => [each.symbol, each])),
    quotes: new Map(),
    schedule: { sessions: [], alwaysOpen: true },
    orders: new Map(),
    fills: [],
    fee: { amount: decimal(1) },
    dailyPnl: null,
    baseCurrency: "USD",
    rates: new Map(),
    ratesAsked: [],
    clockSkewMs: 0,
    landsEntryAlone: false,
    ordersUnread: null,
    fillsUnread: null,
    positionsUnread: null,
    orderError: null,
    listed: new Map(),
    positionSymbols: new Map(),
    held: new Map(),
    hold(instrument, quantity) {
      venue.held.set(instrument.id, decimal(quantity));
      venue.settle();
    },
    settle() {
      venue.listed = new Map(venue.held);
    },
    accept,
    fill,
    amend(orderId, change) {
      venue.orders.set(orderId, { ...known(orderId), ...change });
    },
  };
  return venue;

  async function resolve(symbol: string): Promise<Instrument> {
    const instrument = venue.instruments.get(symbol);
    if (!instrument) throw new TradingError("unknown_symbol", `No ${symbol}.`, "Search.");
    return instrument;
  }

  function quoteOf(instrument: Instrument): Reading<Quote> {
    const quote = venue.quotes.get(instrument.id);
    return quote ? read(quote, clock.now()) : unread("no quote was scripted");
  }

  async function rate(from: string, to: string): Promise<Reading<ExchangeRate>> {
    venue.ratesAsked.push(`${from}/${to}`);
    const scripted = venue.rates.get(`${from}/${to}`);
    if (scripted === undefined) return unread(`no rate of ${from} into ${to} was scripted`);
    if (scripted instanceof Error) throw scripted;
    const said = typeof scripted === "string" ? { rate: decimal(scripted) } : scripted;
    return read({ from, to, rate: ZERO, asOf: clock.now(), ...said }, clock.now());
  }

  function prepare(intent: OrderIntent): PreparedOrder {
    return { intent, request: { method: "POST", path: "/orders", body: { id: intent.clientOrderId } } };
  }

  async function preview() {
    return {
      amount: null,
      commission: null,
      total: null,
      marginChange: null,
      availableFundsBefore: null,
      availableFundsAfter: null,
      currency: null,
      warnings: [],
      refusal: null,
    };
  }

  async function submit(prepared: PreparedOrder, gate: DispatchGate): Promise<Outcome> {
    const script = venue.nextSubmits.shift();
    if (script) return script(prepared, gate);
    const look = await gate.begin();
    if (look.kind === "stop") return { kind: "not_sent", reason: look.reason, code: look.code };
    const taken = accept(prepared.intent);
    if (taken.orderType === "market") fill(taken.orderId);
    return { kind: "acknowledged", orderId: taken.orderId, order: known(taken.orderId), exchanges: [] };
  }

  function accept(intent: OrderIntent): VenueOrder {
    const { side, quantity, cashAmount, instrument } = intent;
    const size = quantity === null ? `$${cashAmount === null ? "" : plain(cashAmount)}` : plain(quantity);
    venue.wire.push(`${side} ${size} ${instrument.symbol} ${intent.orderType}`);
    const taken: VenueOrder = {
      orderId: String(++lastOrder),
      clientOrderId: intent.clientOrderId,
      parentOrderId: null,
      instrumentId: instrument.id,
      symbol: instrument.symbol,
      side,
      orderType: intent.orderType,
      quantity,
      cashAmount,
      filledQuantity: ZERO,
      averagePrice: null,
      limitPrice: intent.limitPrice,
      stopPrice: intent.stopPrice,
      timeInForce: intent.timeInForce,
      status: "submitted",
      message: null,
    };
    venue.orders.set(taken.orderId, taken);
    for (const leg of venue.landsEntryAlone ? [] : childLegs(intent)) acceptExit(leg.intent, taken);
    return taken;
  }

  /** As IBKR lists it: without an id of ours, under its entry. */
  function acceptExit(leg: OrderIntent, entry: VenueOrder): void {
    const exit = accept(leg);
    Object.assign(exit, { clientOrderId: null, parentOrderId: entry.orderId });
    entry.childOrderIds = [...(entry.childOrderIds ?? []), exit.orderId];
  }

  /** What one exit of a bracket fills, the other needs no longer: it shrinks, and ends with nothing left. */
  function shrinkSiblings(filled: VenueOrder, size: Decimal): void {
    for (const [id, other] of venue.orders) {
      if (filled.parentOrderId === null || id === filled.orderId) continue;
      if (other.parentOrderId !== filled.parentOrderId || isTerminal(other.status)) continue;
      const quantity = (other.quantity ?? ZERO).minus(size);
      const ended = quantity.lte(other.filledQuantity ?? ZERO);
      venue.orders.set(id, { ...other, quantity, ...(ended && { status: "cancelled" as const }) });
    }
  }

  function fill(orderId: string, quantity?: string, price = "100"): void {
    const before = known(orderId);
    const size =
      quantity === undefined
        ? (before.quantity ?? ZERO).minus(before.filledQuantity ?? ZERO)
        : decimal(quantity);
    const filled = (before.filledQuantity ?? ZERO).plus(size);
    venue.orders.set(orderId, {
      ...before,
      filledQuantity: filled,
      averagePrice: decimal(price),
      status: before.quantity?.lte(filled) ? "filled" : "partially_filled",
    });
    venue.fills.push({
      executionId: `x${++lastFill}`,
      orderId,
      clientOrderId: before.clientOrderId,
      instrumentId: before.instrumentId,
      symbol: before.symbol,
      side: before.side,
      quantity: size,
      price: decimal(price),
      fee: venue.fee.amount,
      ...(venue.fee.currency !== undefined && { feeCurrency: venue.fee.currency }),
      executedAt: clock.now(),
    });
    shrinkSiblings(before, size);
    const held = venue.held.get(before.instrumentId) ?? ZERO;
    venue.held.set(before.instrumentId, held.plus(signed(before.side, size)));
    // What a pair is priced in moves where the venue lists it as held; cash is in no list of positions.
    const asset = pricedIn(before.symbol) ?? "";
    const paid = signed(opposite(before.side), size.times(decimal(price)));
    const other = venue.held.get(asset);
    if (other) venue.held.set(asset, other.plus(paid));
    const { amount, currency = asset } = venue.fee;
    const rest = venue.held.get(currency);
    if (rest && asset !== "") venue.held.set(currency, rest.minus(amount));
  }

  async function cancel(orderId: string, gate: DispatchGate): Promise<CancelOutcome> {
    const target = venue.orders.get(orderId);
    if (!target) return { kind: "rejected", reason: "no such order", order: null };
    const script = venue.nextCancels.shift();
    await gate.begin();
    venue.wire.push(`cancel ${orderId}`);
    if (script) return script(target, gate);
    if (!isTerminal(target.status)) venue.orders.set(orderId, { ...target, status: "cancelled" });
    return { kind: "done", order: known(orderId) };
  }

  async function order(orderId: string): Promise<VenueOrder | null> {
    if (venue.orderError) throw venue.orderError;
    return venue.orders.get(orderId) ?? null;
  }

  async function orders(): Promise<Reading<VenueOrder[]>> {
    if (venue.ordersUnread !== null) return unread(venue.ordersUnread);
    return read([...venue.orders.values()], clock.now());
  }

  async function fills(): Promise<Reading<Fill[]>> {
    return venue.fillsUnread === null ? read([...venue.fills], clock.now()) : unread(venue.fillsUnread);
  }

  async function positions(): Promise<Reading<Position[]>> {
    if (venue.positionsUnread !== null) return unread(venue.positionsUnread);
    const rows = [...venue.listed].filter(([, quantity]) => !quantity.eq(ZERO));
    return read(
      rows.map(([instrumentId, quantity]) => ({
        instrumentId,
        symbol: venue.positionSymbols.get(instrumentId) ?? instrumentId,
        quantity,
        averageCost: null,
        marketPrice: null,
        marketValue: null,
        unrealizedPnl: null,
        currency: "USD",
      })),
      clock.now(),
    );
  }

  function known(orderId: string): VenueOrder {
    const found = venue.orders.get(orderId);
    if (!found) throw new Error(`the scripted venue has no order ${orderId}`);
    return found;
  }
}
