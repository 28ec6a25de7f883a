import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import {
  allInstruments,
  type FaultAction,
  type SimulatedGateway,
  type SimulatedGatewayOptions,
  startSimulatedGateway,
} from "venue-sim";
import { type BuiltServer, startBuiltServer, type ToolAnswer, temporaryFolder } from "./built-server.ts";

/** Where a fault strikes: a method and the path below the gateway's base. */
export interface Place {
  method: string;
  path: RegExp;
}

export const PLACES = {
  order: { method: "POST", path: /^iserver\/account\/[^/]+\/orders$/ },
  reply: { method: "POST", path: /^iserver\/reply\// },
  cancel: { method: "DELETE", path: /^iserver\/account\/[^/]+\/order\// },
  status: { method: "GET", path: /^iserver\/account\/order\/status\// },
  orders: { method: "GET", path: /^iserver\/account\/orders/ },
  trades: { method: "GET", path: /^iserver\/account\/trades/ },
  positions: { method: "GET", path: /^portfolio\d?\/[^/]+\/positions/ },
  snapshot: { method: "GET", path: /^iserver\/marketdata\/snapshot/ },
  accounts: { method: "GET", path: /^iserver\/accounts/ },
  auth: { method: "POST", path: /^iserver\/auth\/status/ },
  whatif: { method: "POST", path: /^iserver\/account\/[^/]+\/orders\/whatif$/ },
} satisfies Record<string, Place>;

/** The built server on a gateway of its own that can be made to fail. */
export interface FaultyVenue {
  gateway: SimulatedGateway;
  server: BuiltServer;
  stateDir: string;
  /** The next symbol that no case has used, at 50 dollars. */
  freshSymbol(): string;
  fault(place: Place, action: FaultAction, when?: { from?: number; count?: number }): () => void;
  requests(place: Place): number;
  /** The venue's truth about one symbol. */
  orders(symbol: string): ReturnType<SimulatedGateway["control"]["state"]>["orders"];
  /** What is on disk about one order, oldest first. */
  // biome-ignore lint/suspicious/noExplicitAny: a test reads what it expects, and fails where it is not there
  journaled(clientOrderId: string): any[];
  committed(): Promise<number>;
  /** One more server on the same state folder. */
  secondServer(): Promise<BuiltServer>;
  close(): Promise<void>;
}

export interface FaultyVenueOptions {
  gateway?: SimulatedGatewayOptions;
  env?: Record<string, string>;
}

export async function startFaultyVenue(options: FaultyVenueOptions = {}): Promise<FaultyVenue> {
  const gateway = await startSimulatedGateway({ clock: "real", ...options.gateway });
  const folder = temporaryFolder();
  const env = {
    TRADING_STATE_DIR: folder.path,
    IBKR_API_BASE_URL: gateway.baseUrl,
    IBKR_TRADING_MODE: "paper",
    TRADING_DRY_RUN: "false",
    MAX_DAILY_VALUE: "100000",
    REQUEST_TIMEOUT_SECONDS: "2",
    DUPLICATE_WINDOW_SECONDS: "300",
    ...options.env,
  };
  const servers = [await startBuiltServer({ env })];
  const server = servers[0] as BuiltServer;
  const symbols = freshSymbols();

  return {
    gateway,
    server,
    stateDir: folder.path,
    freshSymbol() {
      const symbol = symbols.shift();
      if (symbol === undefined) throw new Error("no symbol is left; start another venue");
      gateway.control.setPrice(symbol, { last: 50 });
      return symbol;
    },
    fault: ({ method, path }, action, when = {}) =>
      gateway.control.faults.add({ method, path, action, ...when }),
    requests: (place) => gateway.control.requests(place).length,
    orders: (symbol) => gateway.control.state().orders.filter((order) => order.symbol === symbol),
    journaled(clientOrderId) {
      const journals = join(folder.path, "journals");
      return readdirSync(journals)
        .filter((name) => name.endsWith(".jsonl"))
        .flatMap((name) => readFileSync(join(journals, name), "utf8").trim().split("\n"))
        .map((line) => JSON.parse(line))
        .filter((record) => record.clientOrderId === clientOrderId);
    },
    async committed() {
      const { data } = await server.call("session_status");
      return Number(data.limits.committed_today);
    },
    async secondServer() {
      const another = await startBuiltServer({ env });
      servers.push(another);
      return another;
    },
    async close() {
      await Promise.all(servers.map((each) => each.close()));
      await gateway.close();
      folder.remove();
    },
  };
}

/** US listings without doubles, so that every case has a symbol to itself. */
function freshSymbols(): string[] {
  const all = allInstruments()
    .filter((each) => each.currency === "USD")
    .map((each) => each.symbol);
  return all.filter((symbol) => /^[A-Z]+$/.test(symbol) && all.indexOf(symbol) === all.lastIndexOf(symbol));
}

let starting: Promise<unknown> = Promise.resolve();

/** One start after the other: many at once would be a test of this machine. */
function startInTurn(options: FaultyVenueOptions): Promise<FaultyVenue> {
  const started = starting.then(async () => {
    const venue = await startFaultyVenue(options);
    await venue.server.call("session_status");
    return venue;
  });
  starting = started.catch(() => undefined);
  return started;
}

/** A case with a venue of its own. */
export async function withVenue(
  options: FaultyVenueOptions,
  run: (venue: FaultyVenue) => Promise<void>,
): Promise<void> {
  const venue = await startInTurn(options);
  try {
    await run(venue);
  } finally {
    await venue.close();
  }
}

/** Every request, as long as the fault stands. */
export const ALWAYS = { count: Number.POSITIVE_INFINITY };

/** Venues for cases that run side by side: a lost answer is looked for during seconds of real time. */
export function venuePool(options: FaultyVenueOptions = {}) {
  const all: FaultyVenue[] = [];
  const free: FaultyVenue[] = [];
  async function startOne(): Promise<FaultyVenue> {
    const venue = await startInTurn(options);
    all.push(venue);
    return venue;
  }
  return {
    /** Runs a case on a venue that no other case uses meanwhile. */
    async use<T>(run: (venue: FaultyVenue) => Promise<T>): Promise<T> {
      const venue = free.pop() ?? (await startOne());
      try {
        return await run(venue);
      } finally {
        const { faults, pacing } = venue.gateway.control;
        faults.clear();
        // Whatever goes wrong, the server keeps to the venue's limits; a locked-out one serves no other case.
        if (pacing.boxedUntil() === null) free.push(venue);
      }
    },
    async close() {
      await starting;
      await Promise.all(all.map((each) => each.close()));
    },
  };
}

/** The orders of the tables: what is asked for, and what the venue asks back. */
export const ORDERS = {
  /** No question: the answer to the order is the acknowledgement. */
  limit: (symbol: string) => ["buy", { symbol, quantity: 1, limit_price: "49.50" }] as const,
  /** Three questions. */
  amount: (symbol: string) => ["buy", { symbol, cash_amount: 40 }] as const,
  /** Two questions for the first stop of a session, then one. Needs a position. */
  stop: (symbol: string) => ["stop_order", { symbol, side: "SELL", quantity: 1, stop_price: "40" }] as const,
  /** As many questions as a stop. Needs a position. */
  trail: (symbol: string) =>
    ["trailing_stop", { symbol, side: "SELL", quantity: 1, trail_amount: "5" }] as const,
  /** As many questions as its stop has; it lands as three orders. */
  bracket: (symbol: string) =>
    [
      "bracket_order",
      { symbol, side: "BUY", quantity: 1, entry_limit_price: "49.50", take_profit: "51", stop_loss: "48.75" },
    ] as const,
};

/** How many orders one call places. */
export const LEGS: Record<keyof typeof ORDERS, number> = {
  limit: 1,
  amount: 1,
  stop: 1,
  trail: 1,
  bracket: 3,
};

/** Every text that a person or a model is to act on. */
export function wordsOf(answer: ToolAnswer): string {
  const { error, data } = answer;
  return error === undefined ? String(data?.message ?? "") : `${error.message} ${error.next_step}`;
}
