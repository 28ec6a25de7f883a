import { once } from "node:events";
import { type AddressInfo, createServer, type Socket } from "node:net";
import { createInterface } from "node:readline";

/**
 * A tiny venue behind a real loopback socket, made for volume and for killing its customers: it keeps the
 * truth, watches over it, and can hold any request at any point of its way. Every price and every
 * size is a whole number, so that its sums are exact.
 */
export interface SocketVenue {
  port: number;
  orders: PlacedOrder[];
  /** What must never happen and did: an order twice, more sold than held, more exposure than the cap. */
  violations: string[];
  /** Resolves when the next request reaches this point, and keeps it there until its sender is gone. */
  holdNext(point: HoldPoint): Promise<HeldRequest>;
  /** Holds nothing that was asked for and never came. */
  holdNone(): void;
  /** How long requests take on each side of being acted on: milliseconds, drawn anew each time. */
  latency: () => number;
  /** Whether an order or a cancel whose sender died on the way still arrives, and how much later: null is lost. */
  straggle: (method: "submit" | "cancel") => number | null;
  /** Resolves when nothing is on its way any more. */
  quiet(): Promise<void>;
  /** Fills a resting order, or a part of it; of a bracket's exit no more than its entry has opened. */
  fill(order: PlacedOrder, quantity: number): void;
  /** How much of an order can be filled now: nothing of an exit whose entry waits. */
  tradable(order: PlacedOrder): number;
  /** What is held, without the lag of its list. */
  held(symbol: string): number;
  close(): Promise<void>;
}

/**
 * Facts are being read; the line is asked for; an order has arrived; it was taken and not answered; a cancel
 * has arrived; it was carried out and not answered.
 */
export type HoldPoint = "facts" | "line" | "arrived" | "taken" | "cancelling" | "cancelled";

export interface HeldRequest {
  clientOrderId: string | null;
  /** Lets it go on. */
  release(): void;
}

export interface PlacedOrder {
  orderId: string;
  /** An exit of a bracket bears none for its customers: they are told its parent, as IBKR does it. */
  clientOrderId: string;
  symbol: string;
  side: "BUY" | "SELL";
  orderType: "market" | "limit" | "stop" | "trailing_stop";
  quantity: number;
  limitPrice: number | null;
  stopPrice: number | null;
  timeInForce: string;
  /** Its place in a bracket. */
  role: "entry" | "take_profit" | "stop_loss" | null;
  parentOrderId: string | null;
  filled: number;
  status: "submitted" | "partially_filled" | "filled" | "cancelled";
  /** Epoch milliseconds. */
  takenAt: number;
}

export interface Execution {
  executionId: string;
  orderId: string;
  clientOrderId: string | null;
  symbol: string;
  side: "BUY" | "SELL";
  quantity: number;
  price: number;
  executedAt: number;
}

/** What everything is quoted at. */
const PRICE = 100;

/** What an order is filled at: resting orders at their limit or trigger, all others at the market. */
export function priceOf(order: { limitPrice: number | null; stopPrice: number | null }): number {
  return order.limitPrice ?? order.stopPrice ?? PRICE;
}

/** An order as it is sent; a bracket is sent as three, its entry first. */
export type SentOrder = Omit<PlacedOrder, "orderId" | "parentOrderId" | "filled" | "status" | "takenAt">;

export interface VenueRequest {
  id: number;
  method: "identity" | "quote" | "positions" | "orders" | "order" | "fills" | "line" | "submit" | "cancel";
  orders?: SentOrder[];
  orderId?: string;
}

export interface SocketVenueOptions {
  /** What is held at first, by symbol. */
  held: Record<string, number>;
  /** The cap on fills plus what works, watched at every order that is taken; null for none. */
  cap: number | null;
  /** By how many milliseconds the list of positions lags behind. */
  lag: number;
}

const METHOD_POINTS: Partial<Record<VenueRequest["method"], HoldPoint>> = {
  quote: "facts",
  line: "line",
  submit: "arrived",
  cancel: "cancelling",
};
const ANSWER_POINTS: Partial<Record<VenueRequest["method"], HoldPoint>> = {
  submit: "taken",
  cancel: "cancelled",
};

export async function startSocketVenue({ held, cap, lag }: SocketVenueOptions): Promise<SocketVenue> {
  const orders: PlacedOrder[] = [];
  const executions: Execution[] = [];
  const violations: string[] = [];
  const holds = new Map<HoldPoint, (request: HeldRequest) => void>();
  const sockets = new Set<Socket>();
  const underway = new Set<Promise<void>>();

  function heldNow(symbol: string, at = Number.POSITIVE_INFINITY): number {
    let quantity = held[symbol] ?? 0;
    for (const each of executions) {
      if (each.symbol !== symbol || each.executedAt > at) continue;
      quantity += each.side === "BUY" ? each.quantity : -each.quantity;
    }
    return quantity;
  }

  function take(sent: SentOrder[]): PlacedOrder | null {
    let entry: PlacedOrder | null = null;
    for (const each of sent) {
      const order: PlacedOrder = {
        ...each,
        orderId: String(orders.length + 1),
        parentOrderId: entry?.orderId ?? null,
        filled: 0,
        status: "submitted",
        takenAt: Date.now(),
      };
      entry ??= order;
      if (orders.some((other) => other.clientOrderId === order.clientOrderId)) {
        violations.push(`order ${order.clientOrderId} was taken twice`);
      }
      orders.push(order);
    }
    if (entry === null) return null;
    watch(entry);
    if (isMarketable(entry)) fill(entry, entry.quantity);
    return entry;
  }

  function watch(order: PlacedOrder): void {
    if (order.side === "SELL") watchSells(order.symbol);
    const exposure = exposureOf(orders);
    if (order.side === "BUY" && cap !== null && exposure > cap) {
      violations.push(`${exposure} is filled and working, more than the cap of ${cap}`);
    }
  }

  /** All that may still be sold has to be held: of a bracket's exits the larger, since one takes the other away. */
  function watchSells(symbol: string): void {
    const largest = new Map<string, number>();
    for (const order of orders) {
      if (order.side !== "SELL" || order.symbol !== symbol || !isWorking(order)) continue;
      const group = order.parentOrderId ?? order.orderId;
      largest.set(group, Math.max(largest.get(group) ?? 0, tradable(order)));
    }
    const most = [...largest.values()].reduce((total, each) => total + each, 0);
    const free = heldNow(symbol);
    if (most > free) violations.push(`${most} ${symbol} may be sold where ${free} are held`);
  }

  function childrenOf(entry: PlacedOrder): PlacedOrder[] {
    return orders.filter((each) => each.parentOrderId === entry.orderId);
  }

  function entryOf(order: PlacedOrder): PlacedOrder | undefined {
    return orders.find((each) => each.orderId === order.parentOrderId);
  }

  /** What a bracket's entry opened and its exits have not closed yet. */
  function leftOpen(entry: PlacedOrder): number {
    return childrenOf(entry).reduce((left, each) => left - each.filled, entry.filled);
  }

  function tradable(order: PlacedOrder): number {
    if (!isWorking(order)) return 0;
    const entry = entryOf(order);
    const left = order.quantity - order.filled;
    return entry === undefined ? left : Math.min(left, leftOpen(entry));
  }

  function fill(order: PlacedOrder, wanted: number): void {
    const quantity = Math.min(wanted, tradable(order));
    if (quantity <= 0) return;
    order.filled += quantity;
    order.status = order.filled === order.quantity ? "filled" : "partially_filled";
    executions.push({
      executionId: `x${executions.length + 1}`,
      orderId: order.orderId,
      clientOrderId: order.parentOrderId === null ? order.clientOrderId : null,
      symbol: order.symbol,
      side: order.side,
      quantity,
      price: priceOf(order),
      executedAt: Date.now(),
    });
    if (heldNow(order.symbol) < 0) violations.push(`${order.symbol} was sold short`);
    const entry = entryOf(order);
    if (entry !== undefined) endExits(entry);
  }

  /** Once all that an entry will ever open is closed, its exits are over. */
  function endExits(entry: PlacedOrder): void {
    if (isWorking(entry) || leftOpen(entry) > 0) return;
    for (const each of childrenOf(entry)) if (isWorking(each)) each.status = "cancelled";
  }

  function cancel(order: PlacedOrder): PlacedOrder {
    if (!isWorking(order)) return order;
    order.status = "cancelled";
    endExits(order);
    return order;
  }

  function answerTo(request: VenueRequest): unknown {
    switch (request.method) {
      case "positions": {
        const symbols = new Set([...Object.keys(held), ...executions.map((each) => each.symbol)]);
        const at = Date.now() - lag;
        return [...symbols].map((symbol) => ({ symbol, quantity: heldNow(symbol, at) }));
      }
      case "orders":
        return orders;
      case "order":
        return orders.find((each) => each.orderId === request.orderId) ?? null;
      case "fills":
        return executions;
      case "submit":
        return take(request.orders ?? []);
      case "cancel": {
        const order = orders.find((each) => each.orderId === request.orderId);
        return order === undefined ? null : cancel(order);
      }
      default:
        return null;
    }
  }

  /** Waits where a test wants the request held; false when its sender went away meanwhile. */
  async function pass(point: HoldPoint | undefined, request: VenueRequest, socket: Socket): Promise<void> {
    const reached = point === undefined ? undefined : holds.get(point);
    if (point === undefined || reached === undefined || socket.destroyed) return;
    holds.delete(point);
    await new Promise<void>((release) => {
      socket.once("close", () => release());
      reached({ clientOrderId: request.orders?.[0]?.clientOrderId ?? null, release });
    });
  }

  async function serve(request: VenueRequest, socket: Socket): Promise<void> {
    await pause(venue.latency());
    await pass(METHOD_POINTS[request.method], request, socket);
    if (socket.destroyed) {
      const { method } = request;
      const late = method === "submit" || method === "cancel" ? venue.straggle(method) : null;
      if (late === null) return;
      await pause(late);
    }
    const result = answerTo(request);
    await pause(venue.latency());
    await pass(ANSWER_POINTS[request.method], request, socket);
    // What it says is what was true when it was acted on: an order list is copied by writing it.
    if (!socket.destroyed) socket.write(`${JSON.stringify({ id: request.id, result })}\n`);
  }

  const server = createServer((socket) => {
    sockets.add(socket);
    socket.setNoDelay(true);
    socket.once("close", () => sockets.delete(socket));
    // A killed customer resets its connection; that it is gone is what counts.
    socket.on("error", () => socket.destroy());
    const lines = createInterface({ input: socket });
    lines.on("error", () => socket.destroy());
    lines.on("line", (line) => {
      const work = serve(JSON.parse(line) as VenueRequest, socket).finally(() => underway.delete(work));
      underway.add(work);
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");

  const venue: SocketVenue = {
    port: (server.address() as AddressInfo).port,
    orders,
    violations,
    holdNext: (point) => new Promise((resolve) => holds.set(point, resolve)),
    holdNone: () => holds.clear(),
    latency: () => 0,
    straggle: () => null,
    async quiet() {
      while (underway.size > 0) await Promise.all(underway);
    },
    fill,
    tradable,
    held: heldNow,
    async close() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, "close");
    },
  };
  return venue;
}

export function isWorking(order: PlacedOrder): boolean {
  return order.status === "submitted" || order.status === "partially_filled";
}

function isMarketable({ orderType, side, limitPrice }: PlacedOrder): boolean {
  if (orderType === "market" || limitPrice === null) return orderType === "market";
  return side === "BUY" ? limitPrice >= PRICE : limitPrice <= PRICE;
}

/** What buys cost and may still cost. */
export function exposureOf(orders: readonly PlacedOrder[]): number {
  let total = 0;
  for (const order of orders) {
    if (order.side === "SELL") continue;
    total += (isWorking(order) ? order.quantity : order.filled) * priceOf(order);
  }
  return total;
}

function pause(milliseconds: number): Promise<void> {
  return milliseconds <= 0 ? Promise.resolve() : new Promise((done) => setTimeout(done, milliseconds));
}
