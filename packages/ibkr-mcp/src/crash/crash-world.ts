import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { committed, journalPath, keyOf, type ReadJournal, readJournal, type Tally, tally } from "./audit.ts";
import { exposureOf, type SocketVenue, startSocketVenue } from "./socket-venue.ts";
import type { WorkerAnswer, WorkerCall } from "./worker-call.ts";
import { startWorker, type WorkerProcess, type WorkerStart } from "./worker-process.ts";

/** How far a call had come when its process was killed: judged by what is on disk and at the venue. */
export const STAGES = [
  "before the intent",
  "intent on disk",
  "dispatched",
  "taken by the venue",
  "outcome on disk",
] as const;
export type Stage = (typeof STAGES)[number];

export type PlaceCall = WorkerCall & { op: "place" };

/** One account with its venue and journal, on which one process after another is killed. */
export interface CrashWorld {
  venue: SocketVenue;
  stateDir: string;
  start(how?: WorkerStart): WorkerProcess;
  /** An order that no other call of this world is like: nothing of unknown fate stands in its way. */
  nextCall(): PlaceCall;
  journal(): ReadJournal;
  path(): string;
  stageOf(call: PlaceCall, answer: WorkerAnswer): Stage | null;
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
    held: Object.fromEntries(SYMBOLS.map((symbol) => [symbol, 10_000])),
    cap: null,
    lag: 50,
  });
  const path = () => journalPath(stateDir);
  const journal = () => readJournal(path());
  const attempts = (call: PlaceCall) =>
    [...tally(journal().records).values()].filter((each) => each.key === keyOf(call));
  const placed = (call: PlaceCall) => venue.orders.filter((each) => keyOf(each) === keyOf(call)).length;
  let calls = 0;
  return {
    venue,
    stateDir,
    path,
    journal,
    placed,
    start: (how) =>
      startWorker({ port: venue.port, stateDir, cap: 10_000_000, duplicateWindowMs: WINDOW_MS }, how),
    nextCall() {
      const symbol = SYMBOLS[calls % SYMBOLS.length] ?? "S0";
      const quantity = 1 + Math.floor(calls / SYMBOLS.length);
      calls++;
      const side = random() < 0.7 ? "BUY" : "SELL";
      const limitPrice = random() < 0.4 ? (side === "BUY" ? 90 : 110) : null;
      return { op: "place", symbol, side, quantity, limitPrice };
    },
    lastAttempt: (call) => attempts(call).at(-1) ?? null,
    stageOf(call, answer) {
      if (answer.code !== "killed") return null;
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
