import type { AccountSummary, Identity, Position } from "trading-core/domain/account";
import { TradingError } from "trading-core/domain/errors";
import type { FoundInstrument } from "trading-core/domain/found-instrument";
import type { Instrument } from "trading-core/domain/instrument";
import { decimal, ONE } from "trading-core/domain/money";
import type { OrderRequest } from "trading-core/domain/order";
import type { Bar } from "trading-core/domain/price-history";
import type { Quote } from "trading-core/domain/quote";
import { read, unread } from "trading-core/domain/reading";
import type {
  GuardedBroker,
  HaltAnswer,
  OrderAnswer,
  Posture,
  PreviewAnswer,
} from "trading-core/guard/answers";
import type { Policy } from "trading-core/guard/policy";
import type { Clock } from "trading-core/ports/clock";
import type { MarketData } from "trading-core/ports/market-data";
import type { Session, SessionState } from "trading-core/ports/session";
import type { ToolContext, Venue } from "../tools/context.ts";

/** A venue in memory behind the same ports as the real ones, for tests of the tools. */

export const NOW = Date.UTC(2026, 10, 20, 15, 0, 0);

export const clock: Clock = {
  now: () => NOW,
  monotonic: () => 0,
  sleep: async () => {},
};

export function anOrder(change: Partial<OrderAnswer> = {}): OrderAnswer {
  return {
    orderId: "1001",
    clientOrderId: "ab12cd34ef56",
    status: "filled",
    symbol: "AAPL",
    side: "BUY",
    message: null,
    orderType: "market",
    quantity: decimal(2),
    cashAmount: null,
    filledQuantity: decimal(2),
    averagePrice: decimal("187.505"),
    limitPrice: null,
    stopPrice: null,
    timeInForce: "DAY",
    notional: decimal("375.01"),
    currency: "USD",
    mode: "paper",
    accountType: "PAPER",
    dryRun: false,
    replayed: false,
    journalSeq: 7,
    exchanges: [],
    warnings: [],
    request: null,
    preview: null,
    ...change,
  };
}

export function aPosition(change: Partial<Position> = {}): Position {
  return {
    instrumentId: "265598",
    symbol: "AAPL",
    quantity: decimal(2),
    averageCost: decimal("180"),
    marketPrice: decimal("187.505"),
    marketValue: decimal("375.01"),
    unrealizedPnl: decimal("15.01"),
    currency: "USD",
    ...change,
  };
}

export function aQuote(change: Partial<Quote> = {}): Quote {
  return {
    instrumentId: "265598",
    symbol: "AAPL",
    last: decimal("187.5"),
    bid: decimal("187.49"),
    ask: decimal("187.51"),
    asOf: NOW - 1_500,
    delayed: false,
    halted: false,
    lastIsPreviousClose: false,
    ...change,
  };
}

export function anInstrument(symbol: string): Instrument {
  return {
    id: `id-${symbol}`,
    symbol,
    name: null,
    kind: "stock",
    currency: "USD",
    exchange: "NASDAQ",
    usListed: true,
    tradable: true,
    priceSteps: [],
    quantityStep: ONE,
    minimumQuantity: null,
    minimumNotional: null,
    takesCashAmount: true,
  };
}

/** A bar of a minute; `minutes` before now. */
export function aBar(minutes: number, change: Partial<Bar> = {}): Bar {
  return {
    start: NOW - minutes * 60_000,
    open: decimal("187.1"),
    high: decimal("187.9"),
    low: decimal("187"),
    close: decimal("187.5"),
    volume: decimal("1200"),
    ...change,
  };
}

export function aMatch(change: Partial<FoundInstrument> = {}): FoundInstrument {
  return {
    symbol: "AAPL",
    name: "APPLE INC",
    kind: "stock",
    exchange: "NASDAQ",
    currency: "USD",
    tradable: true,
    reason: null,
    ...change,
  };
}

export const policy: Policy = {
  venue: "ibkr",
  mode: "paper",
  allowLive: false,
  dryRun: false,
  accountId: null,
  allowShort: false,
  maxOrderValue: decimal(100),
  maxDailyValue: decimal(500),
  maxPositionValue: null,
  maxDailyLoss: null,
  maxOrdersPerMinute: 10,
  riskCurrency: "USD",
  cashCurrencies: [],
  duplicateWindowMs: 5_000,
  allowlist: [],
  denylist: ["GME"],
  maxPriceDeviationPercent: decimal(5),
  maxQuoteAgeMs: 60_000,
  calendar: "nyse",
  settings: { mode: "MODE", allowLive: "LIVE", dryRun: "DRY", accountId: "ACCOUNT", allowShort: "SHORT" },
};

export const readySession: SessionState = {
  ready: true,
  state: "ready",
  message: "logged in",
  nextStep: null,
  lockedUntil: null,
  serverVersion: "10.30",
};

const identity: Identity = { accountId: "DU123", isPaper: true, evidence: "isPaper=true, id DU" };

export function aPosture(change: Partial<Posture> = {}): Posture {
  return {
    venue: "ibkr",
    mode: "paper",
    session: readySession,
    identity,
    identityMessage: null,
    accountType: "PAPER",
    flags: null,
    dryRun: false,
    liveArmed: false,
    tradingState: "ACTIVE",
    tradingStateReason: "not halted",
    limits: {
      maxOrderValue: decimal(100),
      maxDailyValue: decimal(500),
      committedToday: decimal(120),
      remainingToday: decimal(380),
      maxPositionValue: null,
      maxDailyLoss: null,
      dailyPnl: null,
      maxOrdersPerMinute: 10,
      ordersLastMinute: 1,
      maxPriceDeviationPercent: decimal(5),
      maxQuoteAgeSeconds: 60,
      riskCurrency: "USD",
      duplicateWindowSeconds: 5,
      allowlist: [],
      denylist: ["GME"],
      allowShort: false,
      day: "2026-11-20",
    },
    unresolved: [],
    openPlans: [],
    journalPath: "/state/ibkr.jsonl",
    journalSeq: 7,
    obstacles: [],
    warnings: [],
    ...change,
  };
}

export function aHalt(change: Partial<HaltAnswer> = {}): HaltAnswer {
  return {
    state: "REDUCING",
    before: "ACTIVE",
    changed: true,
    reason: "halt_trading was called",
    complete: true,
    inFlight: [],
    unresolved: [],
    orders: [],
    left: { exits: 0, foreign: null },
    unread: [],
    ...change,
  };
}

const summary: AccountSummary = {
  accountId: "DU123",
  currency: "USD",
  netLiquidation: decimal("10000.005"),
  availableFunds: decimal("9000"),
  buyingPower: null,
  cash: decimal("9000"),
};

export function aPreview(request: OrderRequest): PreviewAnswer {
  const { symbol, side, orderType, quantity, cashAmount, limitPrice, stopPrice } = request;
  return {
    symbol,
    side,
    orderType,
    quantity,
    cashAmount,
    limitPrice,
    stopPrice,
    allowed: true,
    checks: [],
    worstCase: decimal("98.5"),
    venue: null,
    venueMessage: "not asked",
    request: null,
    mode: "paper",
    accountType: "PAPER",
    dryRun: false,
  };
}

export interface TestVenue extends Venue {
  /** What reached the guard and the market data, in order. */
  calls: [name: string, ...args: unknown[]][];
}

/** A venue that answers with one of everything; a test replaces the method that it is about. */
export function testVenue(
  replace: {
    guard?: Partial<GuardedBroker>;
    marketData?: Partial<MarketData>;
    session?: Partial<Session>;
  } = {},
): TestVenue {
  const calls: TestVenue["calls"] = [];
  const guard: GuardedBroker = {
    policy,
    place: async (request) => anOrder({ symbol: request.symbol, side: request.side }),
    preview: async (request) => aPreview(request),
    closePosition: async (symbol) => ({
      cancelled: ["900"],
      order: anOrder({ symbol, side: "SELL" }),
      restored: [],
      unprotected: false,
      replayed: false,
      message: "closed",
    }),
    cancel: async (id) => ({
      orderId: id,
      clientOrderId: null,
      outcome: "done",
      order: anOrder({ orderId: id, status: "cancelled" }),
      message: "cancelled",
      warnings: [],
    }),
    cancelAll: async ({ scope }) => ({
      scope,
      dryRun: false,
      complete: true,
      orders: [],
      left: { entries: 0, exits: 0, foreign: 0 },
      unread: [],
      warnings: [],
    }),
    reconcile: async () => ({ orders: [], complete: true, unread: [] }),
    halt: async (request) => aHalt({ state: request.stopExits ? "HALTED" : "REDUCING" }),
    order: async (id) => anOrder({ orderId: id }),
    waitForFill: async (id) => ({ order: anOrder({ orderId: id }), timedOut: false }),
    openOrders: async () => ({
      orders: [anOrder({ status: "submitted" })],
      complete: true,
      message: null,
    }),
    positions: async () => read([aPosition()], NOW - 200),
    marketHours: async () => ({ kind: "open", source: "venue schedule", closes: "2026-11-20T21:00:00Z" }),
    history: async () => ({ records: [], omitted: 0 }),
    posture: async () => aPosture(),
    drain: async () => {},
    hurry() {},
    busy: () => false,
    close: () => {},
    ...replace.guard,
  };
  const marketData: MarketData = {
    resolve: async (symbol) => {
      if (symbol !== "NOPE") return anInstrument(symbol);
      throw new TradingError("unknown_symbol", "NOPE is not listed here.", "Check the symbol.");
    },
    quotes: async (instruments) => instruments.map(({ symbol }) => read(aQuote({ symbol }), NOW)),
    history: async () => ({ bars: [aBar(2), aBar(1)], lastBarFinal: true, delayed: false, message: null }),
    search: async () => ({ found: [aMatch()], meaning: "AAPL" }),
    schedule: async () => null,
    accountSummary: async () => summary,
    positions: async () => unread("tools ask the guard"),
    dailyPnl: async () => unread("tools do not ask"),
    rate: async () => unread("tools do not ask"),
    ...replace.marketData,
  };
  const session: Session = {
    status: async () => readySession,
    ensureReady: async () => {},
    identity: async () => identity,
    flags: async () => ({ supportsFractions: null, supportsCashAmount: null }),
    clockSkew: () => null,
    close: async () => {},
    ...replace.session,
  };
  return { guard: recorded(guard, calls), marketData: recorded(marketData, calls), session, calls };
}

function recorded<T extends object>(target: T, calls: TestVenue["calls"]): T {
  return new Proxy(target, {
    get(object, name, receiver) {
      const value: unknown = Reflect.get(object, name, receiver);
      if (typeof value !== "function") return value;
      return (...args: unknown[]) => {
        calls.push([String(name), ...args]);
        return value.apply(object, args);
      };
    },
  });
}

export function testContext(venue: Venue, server: Partial<ToolContext["server"]> = {}): ToolContext {
  return {
    venue: async () => venue,
    signal: new AbortController().signal,
    clock,
    server: {
      name: "ibkr",
      version: "1.2.3",
      readOnly: false,
      problems: [],
      mode: "paper",
      ...server,
    },
  };
}
