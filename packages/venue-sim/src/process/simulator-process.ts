import { mkdirSync, writeFileSync } from "node:fs";
import type { ServerResponse } from "node:http";
import { isAbsolute } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { parseArgs } from "node:util";
import { openSimulatedExchange } from "../exchange/simulated-exchange.ts";
import { openSimulatedGateway } from "../simulated-gateway.ts";
import { type KernelLock, takeKernelLock } from "./kernel-lock.ts";
import {
  failurePath,
  removeSimulatorFile,
  runningLockPath,
  type SimulatorKind,
  writeSimulatorFile,
} from "./state-folder.ts";

const LINGER = 30_000;
/** How long the one who started it may take to join: as long as it goes on trying (connect-simulator.ts). */
const FIRST_CLIENT = 15_000;
/** How long a predecessor may take to go, or a passer-by to look at the lock. */
const LOCK_PATIENCE = 5_000;
/** An order nobody knows takes five seconds at the venue; a demo gets the same answer sooner. */
const UNKNOWN_ORDER_DELAY = 2_000;

/**
 * The main function of the simulator's own process. Takes `--state-dir DIR` and `--kind KIND`, and for tests
 * `--linger MILLISECONDS` (how long it stays without clients) and `--options JSON`. Settles when the
 * simulator has ended. Writes nothing to stdout.
 */
export async function runSimulatorProcess(argv: string[]): Promise<void> {
  const start = parseArguments(argv);
  const { stateDir } = start;
  mkdirSync(stateDir, { recursive: true, mode: 0o700 });
  try {
    const lock = await takeRunningLock(stateDir);
    try {
      // What a killed predecessor left would send newcomers to a port that is nobody's.
      removeSimulatorFile(stateDir);
      await serve(start);
    } finally {
      removeSimulatorFile(stateDir);
      lock.release();
    }
  } catch (error) {
    writeFileSync(failurePath(stateDir), String(error), { mode: 0o600 });
    throw error;
  }
}

interface Start {
  stateDir: string;
  kind: SimulatorKind;
  linger: number;
  /** As the venue's own options have it. */
  options: Record<string, unknown>;
}

function parseArguments(argv: string[]): Start {
  const { values } = parseArgs({
    args: argv,
    strict: false,
    options: {
      "state-dir": { type: "string" },
      kind: { type: "string" },
      linger: { type: "string" },
      options: { type: "string" },
    },
  });
  const stateDir = values["state-dir"];
  if (typeof stateDir !== "string" || !isAbsolute(stateDir)) {
    throw new Error("the simulator needs --state-dir with an absolute path");
  }
  return {
    stateDir,
    kind: kindFrom(values.kind),
    linger: typeof values.linger === "string" ? Number(values.linger) : LINGER,
    options: (typeof values.options === "string" ? JSON.parse(values.options) : {}) as Record<
      string,
      unknown
    >,
  };
}

function kindFrom(word: string | boolean | undefined): SimulatorKind {
  if (word === undefined) return "ibkr";
  if (word === "ibkr" || word === "binance" || word === "kraken") return word;
  throw new Error(`no simulated venue of the kind ${word}; there are ibkr, binance and kraken`);
}

async function takeRunningLock(stateDir: string): Promise<KernelLock> {
  for (let waited = 0; waited < LOCK_PATIENCE; waited += 50) {
    const lock = takeKernelLock(runningLockPath(stateDir));
    if (lock !== null) return lock;
    await sleep(50);
  }
  throw new Error(`another simulator runs in ${stateDir}`);
}

interface RunningVenue {
  baseUrl: string;
  token: string;
  /** Absent where it speaks plain HTTP. */
  certificate?: string;
  close(): Promise<void>;
}

function openVenue(start: Start, onAttach: (response: ServerResponse) => void): Promise<RunningVenue> {
  const { stateDir, kind, options } = start;
  const common = { clock: "real", newAccountNumbers: true, ...options, stateDir } as const;
  if (kind !== "ibkr") return openSimulatedExchange({ ...common, kind }, onAttach);
  const timings = { unknownOrderDelay: UNKNOWN_ORDER_DELAY, ...(options.timings as object | undefined) };
  return openSimulatedGateway({ ...common, timings }, onAttach);
}

async function serve(start: Start): Promise<void> {
  const { stateDir } = start;
  const ending = endWhenAlone(start.linger);
  const venue = await openVenue(start, ending.attached);
  // A closed terminal is no reason to go: others may be attached.
  process.on("SIGHUP", () => {});
  process.once("SIGTERM", ending.endNow);
  process.once("SIGINT", ending.endNow);
  writeSimulatorFile(stateDir, {
    version: 1,
    kind: start.kind,
    pid: process.pid,
    port: Number(new URL(venue.baseUrl).port),
    token: venue.token,
    certificate: venue.certificate ?? "",
  });
  await ending.ended;
  // Gone from sight first, so that nobody joins a simulator that is closing.
  removeSimulatorFile(stateDir);
  await venue.close();
}

/** Settles some time after the last client let go, or after the start when none came. */
function endWhenAlone(linger: number) {
  let clients = 0;
  let timer: NodeJS.Timeout;
  let endNow = () => {};
  const ended = new Promise<void>((resolve) => {
    endNow = () => resolve();
  });
  const wait = () => {
    clearTimeout(timer);
    timer = setTimeout(endNow, linger);
  };
  timer = setTimeout(endNow, Math.max(linger, FIRST_CLIENT));
  return {
    ended,
    endNow: () => {
      clearTimeout(timer);
      endNow();
    },
    attached: (response: ServerResponse) => {
      clients += 1;
      clearTimeout(timer);
      response.once("close", () => {
        clients -= 1;
        if (clients === 0) wait();
      });
    },
  };
}
