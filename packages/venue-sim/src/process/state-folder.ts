import { readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { ExchangeKind } from "../exchange/options.ts";
import { isKernelLocked } from "./kernel-lock.ts";

/** The venue that a simulator plays. */
export type SimulatorKind = "ibkr" | ExchangeKind;

/** What a running simulator writes down for those who want to join it. */
export interface SimulatorFile {
  version: 1;
  kind: SimulatorKind;
  pid: number;
  port: number;
  token: string;
  /** PEM; empty where it speaks plain HTTP. */
  certificate: string;
}

/** Held while one process decides whether to start a simulator, and starts it. */
export const startLockPath = (stateDir: string) => join(stateDir, "simulator.lock");

/** Held by the simulator for as long as it lives: the only proof that one does. */
export const runningLockPath = (stateDir: string) => join(stateDir, "simulator.running");

/** Why the last start failed, since a detached process has nobody to tell. */
export const failurePath = (stateDir: string) => join(stateDir, "simulator-failure.txt");

const simulatorPath = (stateDir: string) => join(stateDir, "simulator.json");

export function writeSimulatorFile(stateDir: string, file: SimulatorFile): void {
  const path = simulatorPath(stateDir);
  const temporary = `${path}.${process.pid}`;
  writeFileSync(temporary, JSON.stringify(file), { mode: 0o600 });
  renameSync(temporary, path);
}

export function removeSimulatorFile(stateDir: string): void {
  rmSync(simulatorPath(stateDir), { force: true });
}

/** The running simulator's file; null when none runs or it has not written it yet. */
export function runningSimulator(stateDir: string): SimulatorFile | null {
  if (!isKernelLocked(runningLockPath(stateDir))) return null;
  try {
    return JSON.parse(readFileSync(simulatorPath(stateDir), "utf8")) as SimulatorFile;
  } catch {
    return null;
  }
}
