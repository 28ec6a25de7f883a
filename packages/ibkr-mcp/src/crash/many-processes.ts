import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  compareWithVenue,
  journalPath,
  judgeDecisions,
  keyOf,
  readJournal,
  withoutOutcome,
} from "./audit.ts";
import { pick, randomFrom } from "./random.ts";
import { isWorking, type SocketVenue, startSocketVenue } from "./socket-venue.ts";
import { type PlaceCall, typeOf } from "./worker-call.ts";
import { startWorker, type WorkerProcess } from "./worker-process.ts";

export interface ManyProcessesReport {
  processes: number;
  calls: number;
  taken: number;
  /** How often each answer was given. */
  codes: Record<string, number>;
  records: number;
  seconds: number;
  violations: string[];
}

const SYMBOLS = Array.from({ length: 24 }, (_, index) => `S${index}`);
/** Scarce, so that the sells of a run together want more than is held. */
const HELD = 30;
const WINDOW_MS = 600_000;
/** In flight at each process at once. */
const PARALLEL = 4;
/** Longer than any wait in the guard: whatever takes this long hangs. */
const CALL_LIMIT_MS = 45_000;

/**
 * Several processes fire orders at one account: entries under one cap, exits of scarce holdings, and the
 * same order through different processes at the same moment. Then everything is added up.
 */
export async function runManyProcesses(options: {
  processes: number;
  calls: number;
  seed: number;
}): Promise<ManyProcessesReport> {
  const started = performance.now();
  const stateDir = mkdtempSync(join(tmpdir(), "many-processes-"));
  const random = randomFrom(options.seed);
  const plan = callsOf(options.calls, random);
  // Of what the buys would spend, this much is allowed: the cap is met in the middle of the run.
  const cap = Math.round(0.4 * plan.filter(isBuy).reduce((total, each) => total + each.quantity * 100, 0));
  const venue = await startSocketVenue({
    held: Object.fromEntries(SYMBOLS.map((symbol) => [symbol, HELD])),
    cap,
    lag: 150,
  });
  venue.latency = () => random() * 3;
  const settings = { port: venue.port, stateDir, cap, duplicateWindowMs: WINDOW_MS };
  const workers = Array.from({ length: options.processes }, () => startWorker(settings));
  const codes: Record<string, number> = {};
  const violations: string[] = [];
  try {
    await fire(workers, plan, venue, random, codes, violations);
    const last = startWorker(settings);
    await last.call({ op: "reconcile" });
    await last.end();
  } finally {
    await Promise.all(workers.map((worker) => worker.end()));
    await venue.close();
  }
  const path = journalPath(stateDir);
  const { records, torn, problems } = readJournal(path);
  violations.push(
    ...problems,
    ...(torn > 0 ? [`${torn} torn lines although nobody was killed`] : []),
    ...judgeDecisions(records, { cap, duplicateWindowMs: WINDOW_MS }),
    ...withoutOutcome(records),
    ...venue.violations,
    ...takenTwice(venue),
  );
  const truth = compareWithVenue(records, venue.orders);
  violations.push(...truth.problems, ...truth.lost.map((id) => `${id} is lost`));
  rmSync(stateDir, { recursive: true, force: true });
  return {
    processes: options.processes,
    calls: plan.length,
    taken: venue.orders.length,
    codes,
    records: records.length,
    seconds: (performance.now() - started) / 1000,
    violations,
  };
}

export function describeRun(report: ManyProcessesReport): string {
  const codes = Object.entries(report.codes)
    .sort((a, b) => b[1] - a[1])
    .map(([code, count]) => `${code} ${count}`)
    .join(", ");
  return (
    `${report.processes} processes on one account: ${report.calls} calls, ${report.taken} orders taken ` +
    `(${codes}), ${report.records} records, ${report.seconds.toFixed(1)} s, ` +
    `violations: ${report.violations.length}`
  );
}

/** Each call has a size of its own on its symbol, so that only what is meant to be a duplicate is one. */
function callsOf(count: number, random: () => number): PlaceCall[] {
  const sizes = new Map<string, number>();
  const calls: PlaceCall[] = [];
  while (calls.length < count) {
    const symbol = SYMBOLS[Math.floor(random() * SYMBOLS.length)] ?? "S0";
    const quantity = (sizes.get(symbol) ?? 0) + 1;
    sizes.set(symbol, quantity);
    const side = random() < 0.55 ? "BUY" : "SELL";
    const resting = random() < 0.55;
    const limitPrice = resting ? (side === "BUY" ? 90 : 110) : null;
    const call: PlaceCall = {
      op: "place",
      symbol,
      side,
      quantity,
      limitPrice,
      ...(side === "BUY" && random() < 0.35 && { bracket: [110, 80] }),
    };
    calls.push(call);
    // Some are sent by several processes at the same moment.
    while (random() < 0.25 && calls.length < count) calls.push(call);
  }
  return calls;
}

function isBuy(call: PlaceCall): boolean {
  return call.side === "BUY";
}

async function fire(
  workers: WorkerProcess[],
  plan: PlaceCall[],
  venue: SocketVenue,
  random: () => number,
  codes: Record<string, number>,
  violations: string[],
): Promise<void> {
  let next = 0;
  const lane = async (worker: WorkerProcess): Promise<void> => {
    for (let call = plan[next++]; call !== undefined; call = plan[next++]) {
      const answer = await inTime(worker.call(call), keyOf({ ...call, orderType: typeOf(call) }), violations);
      const code = answer?.code ?? "never";
      codes[code] = (codes[code] ?? 0) + 1;
      moveMarket(venue, random);
      if (random() < 0.15) await cancelOne(worker, venue, random, violations);
    }
  };
  await Promise.all(workers.flatMap((worker) => Array.from({ length: PARALLEL }, () => lane(worker))));
}

/** Now and then somebody takes the other side of a resting order, or of a part of it. */
function moveMarket(venue: SocketVenue, random: () => number): void {
  const [first, ...others] = venue.orders.filter((each) => venue.tradable(each) > 0);
  if (first === undefined || random() < 0.6) return;
  const order = pick([first, ...others], random);
  const left = venue.tradable(order);
  venue.fill(order, random() < 0.5 ? left : Math.max(1, Math.floor(left / 2)));
}

async function cancelOne(
  worker: WorkerProcess,
  venue: SocketVenue,
  random: () => number,
  violations: string[],
): Promise<void> {
  const [first, ...others] = venue.orders.filter(isWorking);
  if (first === undefined) return;
  const { orderId } = pick([first, ...others], random);
  await inTime(worker.call({ op: "cancel", orderId }), `cancel ${orderId}`, violations);
}

async function inTime<T>(work: Promise<T>, what: string, violations: string[]): Promise<T | null> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<null>((resolve) => {
    timer = setTimeout(() => {
      violations.push(`${what} was not answered within ${CALL_LIMIT_MS / 1000} s`);
      resolve(null);
    }, CALL_LIMIT_MS);
  });
  const answer = await Promise.race([work, late]);
  clearTimeout(timer);
  return answer;
}

/** Every call of a run has a symbol, side and size of its own: two of them at the venue are a duplicate. */
function takenTwice(venue: SocketVenue): string[] {
  const seen = new Set<string>();
  const found: string[] = [];
  for (const order of venue.orders) {
    const key = keyOf(order);
    // One that was cancelled unfilled moved no money, and its twin was judged afresh.
    if (order.status === "cancelled" && order.filled === 0) continue;
    if (seen.has(key)) found.push(`${key} was taken twice`);
    seen.add(key);
  }
  return found;
}
