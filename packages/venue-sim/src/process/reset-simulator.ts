import { closeSync, existsSync, fsyncSync, openSync, renameSync, writeSync } from "node:fs";
import { join } from "node:path";
import { exchangeLog } from "../exchange/simulated-exchange.ts";
import { openEventLog } from "../market/event-log.ts";
import { applyEvent, emptyState } from "../market/venue-state.ts";
import { EVENT_LOG } from "../simulated-gateway.ts";
import { controlRequest } from "./control-request.ts";
import { takeKernelLock } from "./kernel-lock.ts";
import { runningLockPath, runningSimulator } from "./state-folder.ts";

/**
 * Opens the simulated accounts of a state folder anew. A running simulator is asked to do it; one
 * that runs and does not answer is an error, and nothing is touched. Order and account
 * numbers are not reused: journals may still speak of the old ones.
 */
export async function resetSimulator(stateDir: string): Promise<void> {
  if (!existsSync(stateDir)) return;
  const running = takeKernelLock(runningLockPath(stateDir));
  if (running === null) {
    await askToReset(stateDir);
    return;
  }
  try {
    for (const log of [EVENT_LOG, exchangeLog("binance"), exchangeLog("kraken")]) {
      forgetEvents(join(stateDir, log));
    }
  } finally {
    running.release();
  }
}

async function askToReset(stateDir: string): Promise<void> {
  const simulator = runningSimulator(stateDir);
  const refusal = `a simulator runs in ${stateDir} and could not be asked to reset; stop its clients and try again`;
  if (simulator === null) throw new Error(refusal);
  try {
    await controlRequest(simulator, "POST", "/sim/reset");
  } catch (error) {
    throw new Error(refusal, { cause: error });
  }
}

function forgetEvents(path: string): void {
  if (!existsSync(path)) return;
  const { log, events } = openEventLog(path);
  log.close();
  const state = emptyState();
  for (const event of events) applyEvent(state, event);
  const temporary = `${path}.reset`;
  const descriptor = openSync(temporary, "w", 0o600);
  writeSync(
    descriptor,
    `${JSON.stringify({ kind: "ids", upTo: state.reservedIds, openings: state.openings })}\n`,
  );
  fsyncSync(descriptor);
  closeSync(descriptor);
  renameSync(temporary, path);
}
