import { spawn } from "node:child_process";
import { mkdirSync, readFileSync, rmSync } from "node:fs";
import { isAbsolute } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { type Attachment, attach } from "./control-request.ts";
import { takeKernelLock } from "./kernel-lock.ts";
import {
  failurePath,
  runningSimulator,
  type SimulatorFile,
  type SimulatorKind,
  startLockPath,
} from "./state-folder.ts";

/** A client's hold on the simulator of its state folder. */
export interface SimulatorConnection {
  kind: SimulatorKind;
  /** `https://127.0.0.1:PORT/v1/api`; of an exchange `http://127.0.0.1:PORT`. */
  baseUrl: string;
  /** For the `x-sim-token` header of /sim/… */
  token: string;
  /** PEM to trust for this server alone; empty for an exchange. */
  certificate: string;
  pid: number;
  /** False once this simulator has ended; connecting again starts it anew from its books. */
  connected(): boolean;
  /** Lets go; the simulator ends some time after its last client did. */
  release(): Promise<void>;
}

export interface ConnectOptions {
  /** Absolute. Simulators of different kinds need folders of their own. */
  stateDir: string;
  /** `ibkr` unless told. */
  kind?: SimulatorKind;
  /** The argv that starts the process; `--state-dir DIR` and `--kind KIND` are appended. */
  command: string[];
  /** Added to the process's otherwise minimal environment. */
  env?: Record<string, string>;
}

const PATIENCE = 15_000;
const PAUSE = 20;

/** All that a simulator needs of its parent's environment: no keys, no account names. */
const INHERITED = ["PATH", "HOME", "TMPDIR", "TEMP", "TMP", "SystemRoot", "USERPROFILE", "LANG", "TZ"];

/** Joins the simulator that serves a state folder, and starts it first when there is none. */
export async function connectSimulator(options: ConnectOptions): Promise<SimulatorConnection> {
  const { stateDir } = options;
  if (!isAbsolute(stateDir)) throw new Error(`the state folder must be absolute: ${stateDir}`);
  mkdirSync(stateDir, { recursive: true, mode: 0o700 });
  const deadline = Date.now() + PATIENCE;
  while (Date.now() < deadline) {
    const joined = await join(options);
    if (joined !== null) return joined;
    const lock = takeKernelLock(startLockPath(stateDir));
    if (lock === null) {
      // Somebody else is starting one.
      await sleep(PAUSE);
      continue;
    }
    try {
      const started = await startAndJoin(options, deadline);
      if (started !== null) return started;
    } finally {
      lock.release();
    }
  }
  throw new Error(`no simulator came up in ${stateDir} within ${PATIENCE / 1_000} s`);
}

async function join({ stateDir, kind = "ibkr" }: ConnectOptions): Promise<SimulatorConnection | null> {
  const simulator = runningSimulator(stateDir);
  if (simulator === null) return null;
  if (simulator.kind !== kind) {
    throw new Error(`the simulator in ${stateDir} plays ${simulator.kind}, not ${kind}; give each a folder`);
  }
  try {
    const attachment = await attach(simulator);
    return connectionTo(simulator, attachment);
  } catch {
    // It is coming up or going down; whichever it is shows at the next look.
    return null;
  }
}

function connectionTo(simulator: SimulatorFile, attachment: Attachment): SimulatorConnection {
  return {
    kind: simulator.kind,
    baseUrl:
      simulator.kind === "ibkr"
        ? `https://127.0.0.1:${simulator.port}/v1/api`
        : `http://127.0.0.1:${simulator.port}`,
    token: simulator.token,
    certificate: simulator.certificate,
    pid: simulator.pid,
    connected: () => attachment.connected(),
    release: () => attachment.release(),
  };
}

/** Under the start lock: a second look, then a new process and the wait for it. */
async function startAndJoin(options: ConnectOptions, deadline: number): Promise<SimulatorConnection | null> {
  const already = await join(options);
  if (already !== null) return already;
  const child = launch(options);
  try {
    while (Date.now() < deadline) {
      const failure = child.failure();
      if (failure !== null) throw new Error(failure);
      const joined = await join(options);
      if (joined !== null) return joined;
      await sleep(PAUSE);
    }
    return null;
  } finally {
    child.forget();
  }
}

function launch(options: ConnectOptions) {
  const [program, ...args] = options.command;
  if (program === undefined) throw new Error("the simulator's command is empty");
  rmSync(failurePath(options.stateDir), { force: true });
  const child = spawn(program, [...args, "--state-dir", options.stateDir, "--kind", options.kind ?? "ibkr"], {
    cwd: options.stateDir,
    // A group of its own: what ends the server's group leaves the simulator alone.
    detached: true,
    stdio: "ignore",
    env: { ...inheritedEnvironment(), ...options.env },
    windowsHide: true,
  });
  let failure: string | null = null;
  child.once("error", (error) => {
    failure = `the simulator could not be started: ${error.message}`;
  });
  child.once("exit", (code, signal) => {
    failure = `the simulator ended while starting (${signal ?? code}): ${reasonOf(options.stateDir)}`;
  });
  return {
    failure: () => failure,
    forget: () => {
      child.removeAllListeners("exit");
      child.unref();
    },
  };
}

function inheritedEnvironment(): Record<string, string> {
  return Object.fromEntries(
    INHERITED.flatMap((name) => {
      const value = process.env[name];
      return value === undefined ? [] : [[name, value]];
    }),
  );
}

function reasonOf(stateDir: string): string {
  try {
    return readFileSync(failurePath(stateDir), "utf8").trim();
  } catch {
    return "it left no reason";
  }
}
