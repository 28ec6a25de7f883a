import { spawn } from "node:child_process";
import { bareEnvironment } from "./built-server.ts";

export interface Run {
  code: number | null;
  stdout: string;
  stderr: string;
  ms: number;
}

export interface ToldCheck {
  name: string;
  status: string;
  message: string;
  next_step: string | null;
  [field: string]: unknown;
}

export interface Told {
  ok: boolean;
  verdict: string;
  next_step: string | null;
  checks: ToldCheck[];
}

/** Runs the built program to its end, with this environment and nothing else of ours. */
export function runProgram(program: string, args: string[], env: Record<string, string>): Promise<Run> {
  return new Promise((resolve) => {
    const began = performance.now();
    const child = spawn(process.execPath, [program, ...args], {
      env: bareEnvironment(env),
      stdio: ["ignore", "pipe", "pipe"],
    });
    const run: Run = { code: null, stdout: "", stderr: "", ms: 0 };
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      run.stdout += text;
    });
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      run.stderr += text;
    });
    child.on("close", (code) => resolve({ ...run, code, ms: performance.now() - began }));
  });
}

/** The check of this name. */
export function checkOf({ checks }: Told, name: string): ToldCheck {
  const found = checks.find((check) => check.name === name);
  if (found === undefined) throw new Error(`there is no check ${name}`);
  return found;
}

/** Statuses by name, of the checks that are not ok. */
export function troubles({ checks }: Told): Record<string, string> {
  return Object.fromEntries(
    checks.filter(({ status }) => status !== "ok").map(({ name, status }) => [name, status]),
  );
}
