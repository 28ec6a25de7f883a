import { writeSync } from "node:fs";
import { createInterface } from "node:readline";
import { messageOf, TradingError } from "trading-core/domain/errors";
import { decimal } from "trading-core/domain/money";
import { createGuardedBroker } from "trading-core/guard/guarded-broker";
import { systemClock } from "trading-core/ports/clock";
import { order, policyOf } from "trading-core/testing/fixtures";
import { connectSocketVenue } from "./socket-broker.ts";
import type { WorkerAnswer, WorkerCall, WorkerSettings } from "./worker-call.ts";

/* A server without a protocol: the guard over the socket venue, told what to do line by line on stdin. */

const settings = JSON.parse(process.argv[2] ?? "{}") as WorkerSettings;
const venue = await connectSocketVenue(settings.port);
const guard = createGuardedBroker({
  ...venue,
  policy: policyOf({
    calendar: "always_open",
    maxDailyValue: settings.cap === null ? null : decimal(settings.cap),
    duplicateWindowMs: settings.duplicateWindowMs,
  }),
  clock: systemClock,
  log: { info() {}, warn() {}, error() {} },
  stateDir: settings.stateDir,
  journalPath: null,
});

async function run(call: WorkerCall): Promise<Omit<WorkerAnswer, "id">> {
  switch (call.op) {
    case "place": {
      const { orderId, status } = await guard.place(
        order(call.side, String(call.quantity), pricesOf(call), call.symbol),
      );
      return { ok: true, code: "ok", message: "", orderId, status };
    }
    case "close": {
      const { order: sale, message } = await guard.closePosition(call.symbol, null);
      return { ok: true, code: "ok", message, orderId: sale?.orderId ?? null };
    }
    case "cancel": {
      const { outcome } = await guard.cancel(call.orderId);
      return { ok: outcome === "done", code: outcome, message: "" };
    }
    case "reconcile": {
      await guard.openOrders();
      await guard.history(1);
      const { limits, unresolved, obstacles, openPlans } = await guard.posture();
      const committed = Number(limits.committedToday);
      return { ok: true, code: "ok", message: obstacles.join(" "), committed, unresolved, openPlans };
    }
  }
}

function pricesOf({ limitPrice, stopPrice, trailAmount, bracket }: WorkerCall & { op: "place" }) {
  const [takeProfit, stopLoss] = bracket ?? [];
  return {
    timeInForce: "DAY" as const,
    ...(limitPrice !== null && { limitPrice: String(limitPrice) }),
    ...(stopPrice !== undefined && { stopPrice: String(stopPrice) }),
    ...(trailAmount !== undefined && { trailAmount: String(trailAmount) }),
    ...(bracket && { bracket: [String(takeProfit), String(stopLoss)] as [string, string] }),
  };
}

const input = createInterface({ input: process.stdin });
input.on("line", async (line) => {
  const { id, ...call } = JSON.parse(line) as WorkerCall & { id: number };
  const answer = await run(call as WorkerCall).catch((error: unknown) => ({
    ok: false,
    code: error instanceof TradingError ? error.code : "threw",
    message: messageOf(error),
  }));
  writeSync(1, `${JSON.stringify({ id, ...answer })}\n`);
});
// Whoever started it is gone, or done with it.
input.on("close", () => process.exit(0));
