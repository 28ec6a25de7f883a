import type { Readable, Writable } from "node:stream";
import type { Logger } from "./logger.ts";

/** The parts of `process` that a server's life hangs on, so that a test can play them. */
export interface Host {
  readonly ppid: number;
  on(event: string, listener: (...args: unknown[]) => void): unknown;
  exit(code: number): void;
}

export interface LifecycleOptions {
  stdin: Readable;
  stdout: Writable;
  host: Host;
  logger: Logger;
  /** Ends the work; called once. Resolves when what must not be lost is safe. */
  stop(reason: string): Promise<void>;
  /** Whether an order is in flight: it earns `stop` more time. */
  working: () => boolean;
  /** Called once when an order is in flight for so long that its outcome has to be written down now. */
  hurry: () => void;
  parentPollMs?: number;
}

const EXIT_CODES = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 } as const;
const PARENT_POLL_MS = 1_000;
/** A client that asked for the end kills after about half a second. */
const IDLE_LIMIT_MS = 280;
const ORDER_LIMIT_MS = 10_000;
/** Leaves time to decline a question of the venue and to write the outcome. */
const HURRY_MS = 6_000;
const LIMIT_CHECK_MS = 20;

/**
 * Ends the process when its client is gone, in whatever way the client goes: end of input, a closed
 * stdout, a signal, a dead parent, or a failure of its own. Neither the protocol nor its library does.
 */
export function superviseStdio(options: LifecycleOptions): void {
  const { stdin, stdout, host, logger } = options;
  let stopping = false;

  function end(reason: string, code: number): void {
    if (stopping) return;
    stopping = true;
    logger.info({ reason }, "stopping");
    const exit = onlyOnce(() => host.exit(code));
    exitAtLimit(options, () => {
      logger.warn({ reason }, "stopped before everything was done");
      exit();
    });
    options
      .stop(reason)
      .catch((error: unknown) => logger.error({ err: error }, "stopping failed"))
      .finally(exit);
  }

  stdin.on("end", () => end("end of input", 0));
  stdin.on("close", () => end("input closed", 0));
  stdin.on("error", () => end("input failed", 0));
  stdout.on("error", () => end("stdout closed", 0));
  stdout.on("close", () => end("stdout closed", 0));
  for (const [signal, code] of Object.entries(EXIT_CODES)) host.on(signal, () => end(signal, code));
  for (const event of ["uncaughtException", "unhandledRejection"]) {
    host.on(event, (error: unknown) => {
      logger.fatal({ err: error }, `${event}: stopping`);
      end(event, 1);
    });
  }
  watchParent(host, options.parentPollMs ?? PARENT_POLL_MS, () => end("parent died", 0));
}

/** A process whose parent died gets another one; nothing else tells it. */
function watchParent(host: Host, everyMs: number, onDeath: () => void): void {
  const parent = host.ppid;
  const timer = setInterval(() => {
    if (host.ppid !== parent) onDeath();
  }, everyMs);
  timer.unref();
}

/** Cuts the stop off: soon after the last order is done, and at the latest after ten seconds. */
function exitAtLimit({ working, hurry }: LifecycleOptions, exit: () => void): void {
  const began = performance.now();
  let idleSince = began;
  let isHurried = false;
  const timer = setInterval(() => {
    const now = performance.now();
    if (working()) idleSince = now;
    if (!isHurried && now - began >= HURRY_MS) {
      isHurried = true;
      hurry();
    }
    if (now - idleSince < IDLE_LIMIT_MS && now - began < ORDER_LIMIT_MS) return;
    clearInterval(timer);
    exit();
  }, LIMIT_CHECK_MS);
}

function onlyOnce(action: () => void): () => void {
  let done = false;
  return () => {
    if (done) return;
    done = true;
    action();
  };
}
