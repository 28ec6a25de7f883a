import { messageOf, TradingError } from "trading-core/domain/errors";
import { type Fill, isTerminal, type VenueOrder } from "trading-core/domain/order";
import type { CancelOutcome } from "trading-core/domain/outcome";
import { type Reading, read, unread } from "trading-core/domain/reading";
import type { Broker, DispatchGate } from "trading-core/ports/broker";
import type { Clock } from "trading-core/ports/clock";
import type { CcxtMarket, CcxtOrder, SignedRequest } from "./ccxt.ts";
import type { Connection } from "./connection.ts";
import type { Markets } from "./markets.ts";
import { paramsOf } from "./order-forms/order-forms.ts";
import { toFill, toVenueOrder } from "./order-rows.ts";
import { meaningOf } from "./outcome.ts";
import { newPassage, prepareOrder, submitOrder, validateOrder } from "./submit.ts";

interface Options {
  connection: Connection;
  markets: Markets;
  clock: Clock;
}

const DAY_MS = 24 * 60 * 60_000;
const CONFIRM_MS = 3_000;
const CONFIRM_PAUSE_MS = 300;

export function createBroker({ connection, markets, clock }: Options): Broker {
  const { exchange } = connection;
  const { profile } = exchange;
  const { forms, reads } = profile;

  function marketOf(symbol: string): CcxtMarket {
    const market = markets.bySymbol(symbol);
    if (market !== null) return market;
    throw new TradingError(
      "unknown_symbol",
      `${profile.name} has no spot market ${symbol}.`,
      "Take the symbol from positions or get_quote.",
    );
  }

  function checked(orderId: string): { id: string; market: CcxtMarket | null } {
    const split = forms.splitOrderId(orderId);
    const market = split?.marketId == null ? null : markets.byId(split.marketId);
    // Before the markets are loaded no id can be told to be wrong by its market.
    if (split !== null && (split.marketId === null || market !== null || markets.all().length === 0)) {
      return { id: split.id, market };
    }
    throw new TradingError(
      "invalid_order_id",
      `${JSON.stringify(orderId.slice(0, 60))} is no order id of ${profile.name}'s.`,
      "Take the id from open_orders or trade_history.",
    );
  }

  /** The market that an order is in, by what the exchange says of it. */
  function placeOf(order: CcxtOrder): CcxtMarket | null {
    return order.symbol === undefined ? null : markets.bySymbol(order.symbol);
  }

  function readRow(order: CcxtOrder): VenueOrder | null {
    const market = placeOf(order);
    return market === null ? null : toVenueOrder(exchange, order, market);
  }

  function unreadable(what: string): TradingError {
    return new TradingError("exchange_error", `${profile.name}'s ${what} could not be read.`, "Try again.", {
      retryable: true,
    });
  }

  async function order(orderId: string): Promise<VenueOrder | null> {
    await markets.ready();
    const { id, market } = checked(orderId);
    const found = await connection.look("an order", (api) => api.fetchOrder(id, market?.symbol));
    if (found === null) return null;
    const row = readRow(found);
    if (row === null || row.orderId !== orderId) throw unreadable("answer about an order");
    return row;
  }

  async function orders(): Promise<Reading<VenueOrder[]>> {
    await markets.ready();
    const began = clock.now();
    const listed = await connection.askSigned("the open orders", (api) => api.fetchOpenOrders());
    const rows = listed.map(readRow);
    const whole = rows.filter((row) => row !== null);
    if (whole.length < rows.length) return unread(`${profile.name} lists an order that could not be read`);
    return read(whole, began);
  }

  async function fills(days: number, symbols: readonly string[] = []): Promise<Reading<Fill[]>> {
    await markets.ready();
    if (profile.tradesBySymbol && symbols.length === 0) {
      return unread(`${profile.name} lists trades market by market, and no market was named`);
    }
    const began = clock.now();
    const since = began - days * DAY_MS;
    const places = profile.tradesBySymbol ? [...new Set(symbols)].map(marketOf) : [null];
    const found: Fill[] = [];
    for (const place of places) {
      const trades = await connection.own("the trades", () => reads.trades(connection.askRaw, since, place));
      if (trades === null) return unread(`${profile.name} has more trades than can be read at once`);
      for (const trade of trades) {
        const market = trade.symbol === undefined ? null : markets.bySymbol(trade.symbol);
        const fill = market === null ? null : toFill(exchange, trade, market);
        if (fill === null) return unread(`${profile.name} lists a trade that could not be read`);
        found.push(fill);
      }
    }
    return read(found, began);
  }

  async function cancel(orderId: string, gate: DispatchGate): Promise<CancelOutcome> {
    let market: CcxtMarket | null;
    try {
      await markets.ready();
      ({ market } = checked(orderId));
      market ??= (await order(orderId).then((row) => (row === null ? null : marketOf(row.symbol)))) ?? null;
    } catch (error) {
      return { kind: "not_sent", reason: messageOf(error), code: codeOf(error) };
    }
    if (market === null) {
      const reason = `${profile.name} does not know order ${orderId}`;
      return { kind: "rejected", reason, order: null };
    }
    const native = forms.cancel(market, orderId);
    const look = await gate.begin();
    if (look.kind === "stop") return { kind: "not_sent", reason: look.reason, code: look.code };
    const passage = newPassage((request) => refuseOtherCancel(request, native.params), gate.hurry);
    let refusal: string | null = null;
    let doubt: string | null = null;
    try {
      await connection.write(passage, (api) =>
        api.request(native.path, native.api, native.method, { ...native.params }),
      );
    } catch (error) {
      // Serves both: a cancel that may have arrived is confirmed by the order itself, below.
      const meaning = meaningOf(error, passage, profile);
      if (meaning.kind === "not_sent") return meaning;
      if (meaning.kind === "refused") refusal = meaning.reason;
      else doubt = meaning.reason;
    }
    return await confirm(orderId, refusal, doubt, gate.hurry);
  }

  /** `done` only at a terminal status of the order itself: an answer to a cancel is a receipt (L57). */
  async function confirm(
    orderId: string,
    refusal: string | null,
    doubt: string | null,
    hurry: AbortSignal | undefined,
  ): Promise<CancelOutcome> {
    const until = clock.monotonic() + CONFIRM_MS;
    let seen: VenueOrder | null = null;
    while (!hurry?.aborted) {
      try {
        seen = (await order(orderId)) ?? seen;
      } catch {
        // Serves both: the status is looked at to say more; without it the answer stays what it was.
      }
      if (seen && isTerminal(seen.status)) return { kind: "done", order: seen };
      if (refusal !== null || clock.monotonic() >= until) break;
      await clock.sleep(CONFIRM_PAUSE_MS, hurry);
    }
    if (refusal !== null) return { kind: "rejected", reason: refusal, order: seen };
    if (doubt !== null) return { kind: "unknown", reason: doubt };
    return {
      kind: "requested",
      order: seen,
      reason: `${profile.name} took the cancel and still lists the order`,
    };
  }

  return {
    prepare: (intent) => prepareOrder(exchange, intent, marketOf(intent.instrument.symbol)),
    async preview({ intent }) {
      const { refusal } = await validateOrder(connection, marketOf(intent.instrument.symbol), intent);
      const amount = intent.cashAmount;
      return {
        amount,
        commission: null,
        total: null,
        marginChange: null,
        availableFundsBefore: null,
        availableFundsAfter: null,
        currency: intent.instrument.currency,
        warnings: [],
        refusal,
      };
    },
    submit: (prepared, gate) =>
      submitOrder(connection, marketOf(prepared.intent.instrument.symbol), prepared, gate),
    cancel,
    order,
    async byClientOrderId(clientOrderId, symbol) {
      await markets.ready();
      const market = marketOf(symbol);
      const found = await connection.own("an order", () =>
        reads.byClientOrderId(connection.askRaw, clientOrderId, market),
      );
      if (found === null) return null;
      const row = readRow(found);
      if (row === null || row.clientOrderId !== clientOrderId) throw unreadable("answer about an order");
      return row;
    },
    orders,
    fills,
    checkOrderId: (orderId) => void checked(orderId),
  };
}

/** A cancel is checked in its last form too: one that names another order, or none, could cancel them all. */
function refuseOtherCancel(request: SignedRequest, wanted: Record<string, string>): void {
  const params = paramsOf(request);
  if (params !== null && Object.entries(wanted).every(([name, value]) => params.get(name) === value)) return;
  throw new TradingError(
    "wire_mismatch",
    "The request that was built would cancel another order than the one that was named.",
    "Nothing was sent. Cancel it on the exchange's own site.",
  );
}

function codeOf(error: unknown): string {
  return error instanceof TradingError ? error.code : "internal_error";
}
