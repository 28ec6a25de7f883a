import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { committed, journalPath, keyOf, type ReadJournal, readJournal, type Tally, tally } from "./audit.ts";
import { type CloseWorld, closesOf, HELD_TO_CLOSE } from "./close-world.ts";
import { exposureOf, type SocketVenue, startSocketVenue } from "./socket-venue.ts";
import { type CallKind, type CloseCall, type PlaceCall, typeOf, type WorkerAnswer } from "./worker-call.ts";
import { startWorker, type WorkerProcess, type WorkerStart } from "./worker-process.ts";

/** How far an order had come when its process was killed: judged by what is on disk and at the venue. */
export const ORDER_STAGES = [
  "before the intent",
  "intent on disk",
  "dispatched",
  "taken by the venue",
  "outcome on disk",
] as const;
/** The same of a close_position whose plan is on disk (S29). */
export const CLOSE_STAGES = ["plan on disk", "protection cancelled", "sale taken"] as const;
export const STAGES = [...ORDER_STAGES, ...CLOSE_STAGES];
export type Stage = (typeof STAGES)[number];
export type CloseStage = (typeof CLOSE_STAGES)[number];

/** One account with its venue and journal, on which one process after another is killed. */
export interface CrashWorld {
  venue: SocketVenue;
  stateDir: string;
  start(how?: WorkerStart): WorkerProcess;
  /** An order that no other call of this world is like: nothing of unknown fate stands in its way. */
  nextCall(): PlaceCall;
  /** The positions that are there to be closed. */
  closes: CloseWorld;
  journal(): ReadJournal;
  path(): string;
  stageOf(call: PlaceCall | CloseCall, answer: WorkerAnswer): Stage | null;
  /** The last attempt at this call that left an intent. */
  lastAttempt(call: PlaceCall): Tally | null;
  placed(call: PlaceCall): number;
  /** What a ledger without a mistake has committed: the venue's truth, and the worst of what got lost. */
  expectedCommitment(): number;
  close(): Promise<void>;
}

export const WINDOW_MS = 600_000;
const SYMBOLS = Array.from({ length: 60 }, (_, index) => `S${index}`);

export async function createCrashWorld(random: () => number): Promise<CrashWorld> {
  const stateDir = mkdtempSync(join(tmpdir(), "crash-"));
  const venue = await startSocketVenue({
    held: { ...Object.fromEntries(SYMBOLS.map((symbol) => [symbol, 10_000])), ...HELD_TO_CLOSE },
    cap: null,
    lag: 50,
  });
  const path = () => journalPath(stateDir);
  const journal = () => readJournal(path());
  const keyOfCall = (call: PlaceCall) => keyOf({ ...call, orderType: typeOf(call) });
  const attempts = (call: PlaceCall) =>
    [...tally(journal().records).values()].filter((each) => each.key === keyOfCall(call));
  const placed = (call: PlaceCall) => venue.orders.filter((each) => keyOf(each) === keyOfCall(call)).length;
  const closes = closesOf(venue, journal, random);
  let calls = 0;
  return {
    venue,
    stateDir,
    path,
    journal,
    placed,
    closes,
    start: (how) =>
      startWorker({ port: venue.port, stateDir, cap: 10_000_000, duplicateWindowMs: WINDOW_MS }, how),
    nextCall() {
      const symbol = SYMBOLS[calls % SYMBOLS.length] ?? "S0";
      const quantity = 1 + Math.floor(calls / SYMBOLS.length);
      calls++;
      return { op: "place", symbol, quantity, ...shapeOf(random) };
    },
    lastAttempt: (call) => attempts(call).at(-1) ?? null,
    stageOf(call, answer) {
      if (answer.code !== "killed") return null;
      if (call.op === "close") return closes.stageOf(call);
      const last = attempts(call).at(-1);
      if (!last) return "before the intent";
      if (last.outcome !== null) return "outcome on disk";
      if (placed(call) > 0) return "taken by the venue";
      return last.dispatched ? "dispatched" : "intent on disk";
    },
    expectedCommitment() {
      const known = new Set(venue.orders.map((each) => each.clientOrderId));
      const lost = [...tally(journal().records).values()].filter(
        (each) => each.dispatched && !each.done && !known.has(each.clientOrderId),
      );
      return exposureOf(venue.orders) + committed(lost);
    },
    async close() {
      await venue.close();
      rmSync(stateDir, { recursive: true, force: true });
    },
  };
}

/** What is asked for besides its symbol and size: every kind of order, the plain ones more often. */
function shapeOf(
  random: () => number,
): Pick<PlaceCall, "side" | "limitPrice" | "stopPrice" | "trailAmount" | "bracket"> {
  const kinds: CallKind[] = [
    "market",
    "market",
    "limit",
    "limit",
    "stop",
    "trailing_stop",
    "bracket",
    "bracket",
  ];
  const kind = kinds[Math.floor(random() * kinds.length)];
  const limitOf = (side: "BUY" | "SELL") => (side === "BUY" ? 90 : 110);
  if (kind === "stop") return { side: "SELL", limitPrice: null, stopPrice: 80 };
  if (kind === "trailing_stop") return { side: "SELL", limitPrice: null, trailAmount: 10 };
  if (kind === "bracket") {
    return { side: "BUY", limitPrice: random() < 0.5 ? limitOf("BUY") : null, bracket: [110, 80] };
  }
  const side = random() < 0.7 ? "BUY" : "SELL";
  return { side, limitPrice: kind === "limit" ? limitOf(side) : null };
}
