/** A server over the venue in memory, for tests that need a process: `node dist/testing/test-server.js`. */
import "../quiet-stdout.ts";
import process from "node:process";
import { TradingError } from "trading-core/domain/errors";
import { systemClock } from "trading-core/ports/clock";
import { createLogger } from "../logger.ts";
import { startServer } from "../start-server.ts";
import { catalog } from "../tools/catalog.ts";
import { anOrder, testVenue } from "./venue.ts";

const logger = createLogger({ name: "test-server", level: "info", secrets: ["s3cr3t-value"] });
const inFlight = new Set<string>();
let draining = false;

const venue = testVenue({
  guard: {
    // The symbol says what becomes of the order: SLOW is in flight for a while, STUCK for ever.
    async place(request) {
      if (draining) throw new TradingError("shutting_down", "Stopping.", "Start again.");
      inFlight.add(request.symbol);
      process.stderr.write(`placing ${request.symbol}\n`);
      if (request.symbol === "SLOW") await systemClock.sleep(700);
      if (request.symbol === "STUCK") await new Promise(() => {});
      inFlight.delete(request.symbol);
      process.stderr.write(`placed ${request.symbol}\n`);
      return anOrder({ symbol: request.symbol });
    },
    async waitForFill(id, timeoutMs, signal) {
      process.stderr.write("waiting\n");
      await systemClock.sleep(timeoutMs, signal);
      process.stderr.write("waited\n");
      return { order: anOrder({ orderId: id, status: "submitted" }), timedOut: true };
    },
  },
  marketData: {
    // What a careless dependency, a leak and a bug look like from outside.
    async resolve(symbol) {
      process.stdout.write("printed by a dependency\n");
      // biome-ignore lint/suspicious/noConsole: a dependency would not ask either
      globalThis.console.log("logged by a dependency");
      if (symbol === "CRASH") setImmediate(() => crash("a bug"));
      throw new Error(`apiKey=s3cr3t-value for ${symbol} \u2014 \u202e`);
    },
  },
});

function crash(message: string): void {
  throw new Error(message);
}

// A handle that keeps the process alive, as a venue's sockets do.
setInterval(() => {}, 60_000);
if (process.env.TEST_FLOOD === "1") {
  setInterval(() => {
    for (let line = 0; line < 200; line++) logger.info({ line }, "x".repeat(500));
  }, 5);
}

await startServer({
  title: "Test venue",
  tools: catalog,
  context: {
    venue: async () => venue,
    clock: systemClock,
    server: {
      name: "test",
      version: "1.2.3",
      readOnly: process.env.TEST_READ === "1",
      problems: [],
      mode: "paper",
    },
  },
  busy: () => inFlight.size > 0,
  hurry() {},
  async drain() {
    draining = true;
    while (inFlight.size > 0) await systemClock.sleep(10);
  },
  close: () => logger.info("closed"),
  logger,
  secrets: ["s3cr3t-value"],
});
