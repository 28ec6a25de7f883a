import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import type { WorkerAnswer, WorkerCall, WorkerSettings } from "./worker-call.ts";

/** The built worker: this file may run from the sources or from the build. */
const PROGRAM = fileURLToPath(new URL("../../dist/crash/worker.js", import.meta.url));

export interface WorkerProcess {
  pid: number;
  /** Never rejects: a call whose process ended first is answered "killed". */
  call(call: WorkerCall): Promise<WorkerAnswer>;
  /** SIGKILL at once, in this very statement; resolves when it is gone and all that it said was heard. */
  kill(): Promise<void>;
  /** Lets it end by itself. */
  end(): Promise<void>;
}

export interface WorkerStart {
  /** What a shell does before it becomes the worker, such as lowering a limit. */
  shell?: string;
  /** Another user and group to run as; needs root. */
  user?: number;
}

export function startWorker(settings: WorkerSettings, { shell, user }: WorkerStart = {}): WorkerProcess {
  const argv = [PROGRAM, JSON.stringify(settings)];
  const [command, args] =
    shell === undefined
      ? [process.execPath, argv]
      : ["/bin/sh", ["-c", `${shell} && exec "$0" "$@"`, process.execPath, ...argv]];
  const child = spawn(command, args, {
    stdio: ["pipe", "pipe", "inherit"],
    ...(user === undefined ? {} : { uid: user, gid: user }),
  });
  const waiting = new Map<number, (answer: WorkerAnswer) => void>();
  let lastId = 0;
  // It may be dead already when it is told something.
  child.stdin.on("error", () => {});
  createInterface({ input: child.stdout }).on("line", (line) => {
    const answer = JSON.parse(line) as WorkerAnswer;
    waiting.get(answer.id)?.(answer);
    waiting.delete(answer.id);
  });
  let ended = false;
  const gone = new Promise<void>((resolve) =>
    child.once("close", () => {
      ended = true;
      for (const [id, answer] of waiting) answer({ id, ok: false, code: "killed", message: "" });
      waiting.clear();
      resolve();
    }),
  );
  return {
    pid: child.pid ?? 0,
    call(call) {
      const id = ++lastId;
      return new Promise((resolve) => {
        if (ended) return resolve({ id, ok: false, code: "killed", message: "" });
        waiting.set(id, resolve);
        child.stdin.write(`${JSON.stringify({ id, ...call })}\n`);
      });
    },
    kill() {
      child.kill("SIGKILL");
      return gone;
    },
    end() {
      child.stdin.end();
      return gone;
    },
  };
}
