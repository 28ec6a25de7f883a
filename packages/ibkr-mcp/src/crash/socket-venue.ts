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
  /** How long requests take on each side of being acted on: milliseconds, drawn anew each time. */
  latency: () => number;
  /** Whether an order whose sender died on the way still arrives, and how much later: null is lost. */
  straggle: () => number | null;
  /** Resolves when nothing is on its way any more. */
  quiet(): Promise<void>;
  /** Fills a resting order, or a part of it. */
  fill(order: PlacedOrder, quantity: number): void;
  close(): Promise<void>;
}

/** Facts are being read; the line is asked for; the order has arrived; it was taken and not answered. */
export type HoldPoint = "facts" | "line" | "arrived" | "taken";

export interface HeldRequest {
  clientOrderId: string | null;
  /** Lets it go on. */
  release(): void;
}

export interface PlacedOrder {
  orderId: string;
  clientOrderId: string;
  symbol: string;
  side: "BUY" | "SELL";
  orderType: "market" | "limit";
  quantity: number;
  limitPrice: number | null;
  timeInForce: string;
  filled: number;
  status: "submitted" | "partially_filled" | "filled" | "cancelled";
  /** Epoch milliseconds. */
  takenAt: number;
}

export interface Execution {
  executionId: string;
  orderId: string;
  clientOrderId: string;
  symbol: string;
  side: "BUY" | "SELL";
  quantity: number;
  price: number;
  executedAt: number;
}

/** What everything is quoted at. */
const PRICE = 100;

/** What an order is filled at: resting orders at their limit, all others at the market. */
export function priceOf(order: { limitPrice: number | null }): number {
  return order.limitPrice ?? PRICE;
}

export interface VenueRequest {
  id: number;
  method: "identity" | "quote" | "positions" | "orders" | "order" | "fills" | "line" | "submit" | "cancel";
  order?: Omit<PlacedOrder, "orderId" | "filled" | "status" | "takenAt">;
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

  function take(wanted: NonNullable<VenueRequest["order"]>): PlacedOrder {
    const order: PlacedOrder = {
      ...wanted,
      orderId: String(orders.length + 1),
      filled: 0,
      status: "submitted",
      takenAt: Date.now(),
    };
    if (orders.some((each) => each.clientOrderId === order.clientOrderId)) {
      violations.push(`order ${order.clientOrderId} was taken twice`);
    }
    orders.push(order);
    watch(order);
    const marketable =
      order.limitPrice === null ||
      (order.side === "BUY" ? order.limitPrice >= PRICE : order.limitPrice <= PRICE);
    if (marketable) fill(order, order.quantity);
    return order;
  }

  function watch(order: PlacedOrder): void {
    const open = orders.filter(isWorking);
    if (order.side === "SELL") {
      const selling = open.filter((each) => each.side === "SELL" && each.symbol === order.symbol);
      const most = selling.reduce((total, each) => total + each.quantity - each.filled, 0);
      const free = heldNow(order.symbol);
      if (most > free) violations.push(`${most} ${order.symbol} may be sold where ${free} are held`);
    }
    const exposure = exposureOf(orders);
    if (order.side === "BUY" && cap !== null && exposure > cap) {
      violations.push(`${exposure} is filled and working, more than the cap of ${cap}`);
    }
  }

  function fill(order: PlacedOrder, quantity: number): void {
    order.filled += quantity;
    order.status = order.filled === order.quantity ? "filled" : "partially_filled";
    executions.push({
      executionId: `x${executions.length + 1}`,
      orderId: order.orderId,
      clientOrderId: order.clientOrderId,
      symbol: order.symbol,
      side: order.side,
      quantity,
      price: priceOf(order),
      executedAt: Date.now(),
    });
    if (heldNow(order.symbol) < 0) violations.push(`${order.symbol} was sold short`);
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
        return request.order === undefined ? null : take(request.order);
      case "cancel": {
        const order = orders.find((each) => each.orderId === request.orderId);
        if (order && order.status !== "filled") order.status = "cancelled";
        return order ?? null;
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
      reached({ clientOrderId: request.order?.clientOrderId ?? null, release });
    });
  }

  async function serve(request: VenueRequest, socket: Socket): Promise<void> {
    await pause(venue.latency());
    await pass(METHOD_POINTS[request.method], request, socket);
    if (socket.destroyed) {
      const late = request.method === "submit" ? venue.straggle() : null;
      if (late === null) return;
      await pause(late);
    }
    const result = answerTo(request);
    await pause(venue.latency());
    await pass(request.method === "submit" ? "taken" : undefined, request, socket);
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
    latency: () => 0,
    straggle: () => null,
    async quiet() {
      while (underway.size > 0) await Promise.all(underway);
    },
    fill,
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
