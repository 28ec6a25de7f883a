import { closeSync, fstatSync, openSync, readSync } from "node:fs";
import { tryLockFile } from "trading-core/journal/file-lock";
import { CLOSE_STAGES, type CloseStage, type CrashWorld, type Stage } from "./crash-world.ts";
import type { HoldPoint } from "./socket-venue.ts";
import type { CloseCall, PlaceCall, WorkerAnswer } from "./worker-call.ts";
import type { WorkerProcess } from "./worker-process.ts";

export function isCloseStage(stage: string): stage is CloseStage {
  return (CLOSE_STAGES as readonly string[]).includes(stage);
}

/**
 * Lets a process place an order or close a position, and kills it at this stage, from outside: by holding a request at the
 * venue's socket, by holding the account's lock, or by watching the journal's file. The product has no part
 * in it. The answer is the call's own: "killed", unless the process was faster.
 */
export async function killAt(
  stage: Stage,
  world: CrashWorld,
  worker: WorkerProcess,
  call: PlaceCall | CloseCall,
  random: () => number,
): Promise<WorkerAnswer> {
  switch (stage) {
    // A close asks for the line for each cancel and for its sale.
    case "plan on disk":
      // A cancel that is on disk and never left is waited for in vain, for ten seconds: there are few of them.
      return killWhenHeld(world, worker, call, random() < 0.05 ? ["line"] : ["cancelling"]);
    case "protection cancelled": {
      const choice = random();
      if (choice < 0.3) return killWhenHeld(world, worker, call, ["cancelled"]);
      return killWhenHeld(world, worker, call, choice < 0.7 ? ["cancelled", "line"] : ["arrived"]);
    }
    case "sale taken":
      if (random() < 0.4) return killWhenHeld(world, worker, call, ["taken"]);
      return random() < 0.5
        ? killBeforeOutcome(world, worker, call, random)
        : killAtOutcome(world, worker, call);
    case "before the intent":
      return killWhenHeld(world, worker, call, ["facts"]);
    case "intent on disk":
      return killWhenHeld(world, worker, call, ["line"]);
    case "dispatched":
      return killWhenHeld(world, worker, call, ["arrived"]);
    case "taken by the venue":
      return random() < 0.5
        ? killWhenHeld(world, worker, call, ["taken"])
        : killBeforeOutcome(world, worker, call, random);
    case "outcome on disk":
      return killAtOutcome(world, worker, call);
  }
}

async function killWhenHeld(
  { venue }: CrashWorld,
  worker: WorkerProcess,
  call: PlaceCall | CloseCall,
  points: HoldPoint[],
): Promise<WorkerAnswer> {
  const [first = "facts", ...others] = points;
  let held = venue.holdNext(first);
  const answer = worker.call(call);
  for (const point of others) {
    const request = await Promise.race([held, answer.then(() => null)]);
    held = venue.holdNext(point);
    request?.release();
  }
  await Promise.race([held, answer]);
  await worker.kill();
  venue.holdNone();
  return answer;
}

/** The answer arrives, and its outcome cannot be written: the account's lock is ours. */
async function killBeforeOutcome(
  world: CrashWorld,
  worker: WorkerProcess,
  call: PlaceCall | CloseCall,
  random: () => number,
): Promise<WorkerAnswer> {
  const taken = world.venue.holdNext("taken");
  const answer = worker.call(call);
  const held = await Promise.race([taken, answer.then(() => null)]);
  const lock = tryLockFile(`${world.path()}.lock`);
  held?.release();
  await new Promise((resolve) => setTimeout(resolve, random() * 8));
  await worker.kill();
  lock?.release();
  return answer;
}

/** How long the outcome is waited for with nothing else being done. */
const MOST_MS = 250;

/**
 * The outcome's bytes are watched for without a pause: they are there while the process still waits for
 * the disk to confirm them.
 */
async function killAtOutcome(
  world: CrashWorld,
  worker: WorkerProcess,
  call: PlaceCall | CloseCall,
): Promise<WorkerAnswer> {
  const taken = world.venue.holdNext("taken");
  const answer = worker.call(call);
  const held = await Promise.race([taken, answer.then(() => null)]);
  if (held === null) {
    await worker.kill();
    return answer;
  }
  const fd = openSync(world.path(), "r");
  let seen = fstatSync(fd).size;
  held.release();
  // The venue lives in this process: its answer has to leave before everything here stands still.
  await new Promise((resolve) => setImmediate(resolve));
  const until = performance.now() + MOST_MS;
  for (let text = ""; performance.now() < until && !text.includes('"kind":"outcome"'); ) {
    const size = fstatSync(fd).size;
    if (size === seen) continue;
    const bytes = Buffer.alloc(size - seen);
    text += bytes.toString("latin1", 0, readSync(fd, bytes, 0, bytes.length, seen));
    seen = size;
  }
  const gone = worker.kill();
  closeSync(fd);
  await gone;
  return answer;
}
