import { appendFileSync, existsSync, readFileSync } from "node:fs";
import { compareWithVenue, judgeDecisions, keyOf } from "./audit.ts";
import { type CrashWorld, createCrashWorld, STAGES, type Stage, WINDOW_MS } from "./crash-world.ts";
import { isCloseStage, killAt } from "./kill-at.ts";
import { pick, randomFrom } from "./random.ts";
import {
  CALL_KINDS,
  type CallKind,
  type CloseCall,
  kindOf,
  type PlaceCall,
  type WorkerAnswer,
} from "./worker-call.ts";
import type { WorkerProcess } from "./worker-process.ts";

export interface CrashReport {
  kills: number;
  /** Calls that were cut off, by how far they had come. A kill at a random instant may cut several, or none. */
  stages: Record<Stage, number>;
  /** The same calls by what they asked for. */
  kinds: Record<CallKind, number>;
  orders: number;
  accounts: number;
  /** Lines left unfinished: by kills in the middle of a write, and by our own hand. */
  torn: number;
  tornByHand: number;
  lost: number;
  seconds: number;
  violations: string[];
}

type Call = PlaceCall | CloseCall;

/** Kills on one account before it is added up and the next one is opened. */
const KILLS_PER_ACCOUNT = 14;

/**
 * Kills processes between accepting a call and answering it: at every stage on purpose, and at random
 * instants. Each time a fresh process takes the account over, is given the same call again as an agent would,
 * and has to know what became of it.
 *
 * @param perStage calls that are cut off at each stage, at least
 * @param random kills at random instants, at least
 * @param lanes accounts that are worked on side by side
 */
export async function runCrashMatrix(options: {
  perStage: number;
  random: number;
  lanes: number;
  seed: number;
}): Promise<CrashReport> {
  const started = performance.now();
  const report: CrashReport = {
    kills: 0,
    stages: Object.fromEntries(STAGES.map((stage) => [stage, 0])) as Record<Stage, number>,
    kinds: Object.fromEntries(CALL_KINDS.map((kind) => [kind, 0])) as Record<CallKind, number>,
    orders: 0,
    accounts: 0,
    torn: 0,
    tornByHand: 0,
    lost: 0,
    seconds: 0,
    violations: [],
  };
  let randomKills = 0;
  // What is asked for stands in for what is done: a stage that is missed is tried again, not for ever.
  const tries = new Map<Stage, number>();
  function nextAim(random: () => number): Stage | "random" | null {
    const wanted = STAGES.filter(
      (stage) => report.stages[stage] < options.perStage && (tries.get(stage) ?? 0) < options.perStage * 4,
    );
    const aims: (Stage | "random")[] = randomKills < options.random ? [...wanted, "random"] : wanted;
    const [first, ...others] = aims;
    if (first === undefined) return null;
    const aim = pick([first, ...others], random);
    if (aim === "random") randomKills++;
    else tries.set(aim, (tries.get(aim) ?? 0) + 1);
    return aim;
  }

  async function lane(seed: number): Promise<void> {
    const random = randomFrom(seed);
    for (;;) {
      const world = await createCrashWorld(random);
      // A cancel that is lost is waited for in vain, for ten seconds: there are few of them.
      world.venue.straggle = (method) => {
        if (method === "cancel") return random() < 0.02 ? null : random() * 60;
        return random() < 0.5 ? null : 20 + random() * 300;
      };
      report.accounts++;
      let more = true;
      let again: Call[] = [];
      for (let kills = 0; more && kills < KILLS_PER_ACCOUNT; kills++) {
        const aim = nextAim(random);
        if (aim === null) more = false;
        else again = await killOnce(world, aim, again, random, report);
      }
      await addUp(world, again, report);
      await world.close();
      if (!more) return;
    }
  }

  await Promise.all(Array.from({ length: options.lanes }, (_, index) => lane(options.seed + index * 7919)));
  report.seconds = (performance.now() - started) / 1000;
  return report;
}

export function describeMatrix(report: CrashReport): string {
  const stages = STAGES.map((stage) => `${stage} ${report.stages[stage]}`).join(", ");
  const kinds = CALL_KINDS.map((kind) => `${kind} ${report.kinds[kind]}`).join(", ");
  return (
    `${report.kills} kills on ${report.accounts} accounts (${stages}; ${kinds}), ${report.orders} orders at the venue, ` +
    `${report.lost} lost on the way, ${report.torn} torn lines (${report.tornByHand} by hand), ` +
    `${report.seconds.toFixed(1)} s, violations: ${report.violations.length}`
  );
}

/** Takes the account over, checks it, and is killed in turn. The answer is what nobody was told about. */
async function killOnce(
  world: CrashWorld,
  aim: Stage | "random",
  again: Call[],
  random: () => number,
  report: CrashReport,
): Promise<Call[]> {
  const worker = world.start();
  world.venue.latency = aim === "random" ? () => random() * 4 : () => 0;
  // At random instants a process may be killed at its very start, with calls that it has not read yet.
  if (aim !== "random" || random() < 0.5) await takeOver(world, worker, again, report);
  else if (again.length > 0) return await cutOff(world, worker, again, random, report);
  if (aim === "random") {
    const close = random() < 0.4 ? await world.closes.next(worker, report.violations) : null;
    fillSome(world, random);
    const calls = Array.from({ length: 4 }, () => world.nextCall());
    return await cutOff(world, worker, close === null ? calls : [close, ...calls.slice(1)], random, report);
  }
  const call =
    (isCloseStage(aim) && (await world.closes.next(worker, report.violations))) || world.nextCall();
  const answer = await killAt(aim, world, worker, call, random);
  return count(world, [[call, answer]], random, report);
}

/** What rests is filled at last, or in part, with nobody there to see it. */
function fillSome({ venue }: CrashWorld, random: () => number): void {
  for (const order of venue.orders) {
    const left = order.symbol.startsWith("C") ? 0 : venue.tradable(order);
    if (left > 0 && random() < 0.3) venue.fill(order, Math.ceil((left * (1 + random())) / 2));
  }
}

async function cutOff(
  world: CrashWorld,
  worker: WorkerProcess,
  calls: Call[],
  random: () => number,
  report: CrashReport,
): Promise<Call[]> {
  const answers = calls.map((call) => worker.call(call));
  await new Promise((resolve) => setTimeout(resolve, random() * 90));
  // Timers tick in milliseconds; what is written within one is cut at any point of it.
  const until = performance.now() + random();
  while (performance.now() < until);
  await worker.kill();
  const told = await Promise.all(answers);
  const pairs = calls.map((call, index) => [call, told[index] as WorkerAnswer] as const);
  return count(world, pairs, random, report);
}

function count(
  world: CrashWorld,
  calls: (readonly [Call, WorkerAnswer])[],
  random: () => number,
  report: CrashReport,
): Call[] {
  report.kills++;
  const cut: Call[] = [];
  for (const [call, answer] of calls) {
    const stage = world.stageOf(call, answer);
    if (stage === null) continue;
    report.stages[stage]++;
    report.kinds[kindOf(call)]++;
    cut.push(call);
  }
  if (random() < 0.2) tear(world, random, report);
  return cut;
}

/** As if the process had died in the middle of its next write: a beginning of a record, without its end. */
function tear(world: CrashWorld, random: () => number, report: CrashReport): void {
  const path = world.path();
  if (!existsSync(path)) return;
  const text = readFileSync(path, "utf8");
  if (!text.endsWith("\n")) return;
  const last = text.slice(text.lastIndexOf("\n", text.length - 2) + 1, -1);
  appendFileSync(path, last.slice(0, 1 + Math.floor(random() * (last.length - 1))));
  report.tornByHand++;
}

/** A fresh process has the account: the calls that were cut off are made again, and the books are checked. */
async function takeOver(
  world: CrashWorld,
  worker: WorkerProcess,
  again: Call[],
  report: CrashReport,
): Promise<void> {
  const { violations } = report;
  for (const call of again) {
    if (call.op === "close") {
      violations.push(...(await world.closes.judge(worker, call)));
      continue;
    }
    const before = world.placed(call);
    const attempt = world.lastAttempt(call);
    const answer = await worker.call(call);
    const what = `${keyOf(call)} again: ${answer.code} ${answer.message}`;
    if (world.placed(call) > 1) violations.push(`placed twice. ${what}`);
    const mayExist = before > 0 || attempt?.dispatched === true;
    if (mayExist && answer.ok) violations.push(`sent again although it may exist. ${what}`);
    if (!mayExist && !answer.ok) violations.push(`refused although it was never sent. ${what}`);
  }
  const next = world.nextCall();
  const fresh = await worker.call(next);
  if (!fresh.ok) violations.push(`the next decision ${keyOf(next)}: ${fresh.code} ${fresh.message}`);
  await world.venue.quiet();
  const books = await worker.call({ op: "reconcile" });
  const expected = world.expectedCommitment();
  if (!books.ok || Math.abs((books.committed ?? Number.NaN) - expected) > 1e-6) {
    violations.push(
      `${books.committed} committed where it should be ${expected} (${books.code} ${books.message})`,
    );
  }
  if (books.message !== "") violations.push(`in the way of entries: ${books.message}`);
}

/** The account's end: a last process, and everything on disk against everything at the venue. */
async function addUp(world: CrashWorld, again: Call[], report: CrashReport): Promise<void> {
  await world.venue.quiet();
  world.venue.latency = () => 0;
  const worker = world.start();
  await takeOver(world, worker, again, report);
  await worker.end();
  const { records, torn, problems } = world.journal();
  const truth = compareWithVenue(records, world.venue.orders);
  report.torn += torn;
  report.lost += truth.lost.length;
  report.orders += world.venue.orders.length;
  report.violations.push(
    ...problems,
    ...judgeDecisions(records, { cap: null, duplicateWindowMs: WINDOW_MS }),
    ...truth.problems,
    ...world.venue.violations,
  );
}
