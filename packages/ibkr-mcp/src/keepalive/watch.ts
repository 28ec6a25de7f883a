import type { Clock } from "trading-core/ports/clock";
import type { SessionState } from "trading-core/ports/session";
import type { Cpapi } from "../cpapi/create-cpapi.ts";
import type { IbkrSettings } from "../settings.ts";
import { CERTAIN_AFTER_MS, createAlerts } from "./alerts.ts";
import { createKeepAlive, type KeepAlive } from "./keep-alive.ts";
import { createOutageFile } from "./outage-file.ts";
import { postWebhook } from "./webhook.ts";

export interface WatchOptions {
  cpapi: Pick<Cpapi, "session" | "folder">;
  settings: Pick<
    IbkrSettings,
    "TICKLE_INTERVAL_SECONDS" | "REAUTH_WEBHOOK_URL" | "IBKR_COMPETE" | "IBKR_TRADING_MODE"
  >;
  clock: Clock;
  /** Whether there is only this one look, which has to be certain at once. */
  once?: boolean;
  random?: () => number;
  /** The session is in another state than at this process's last look. */
  changed: (state: SessionState) => void;
  /** People are to know; told once for all processes of this machine. */
  alert: (text: string) => void;
  warn: (text: string) => void;
}

/** A keep-alive that tells what it sees. */
export interface Watch extends Pick<KeepAlive, "run" | "stop"> {
  /** One look, made by this process or by nobody: what another one saw a moment ago is looked at again. */
  look(): Promise<SessionState>;
  /** Resolves when what was to be told has been told. */
  settled(): Promise<void>;
}

export function createWatch(options: WatchOptions): Watch {
  const { cpapi, settings, clock, warn } = options;
  const ended = new AbortController();
  let last: string | null = null;
  let telling: Promise<void> = Promise.resolve();
  // A simulated outage concerns nobody who is away from the machine.
  const webhook = settings.IBKR_TRADING_MODE === "sim" ? null : settings.REAUTH_WEBHOOK_URL;
  const alerts = createAlerts({
    file: createOutageFile(cpapi.folder),
    clock,
    certainAfterMs: options.once === true ? 0 : CERTAIN_AFTER_MS,
    tell: options.alert,
    post: webhook && ((text) => postWebhook(webhook, text, ended.signal)),
    undelivered(reason, nextStep) {
      if (!ended.signal.aborted) warn(`${reason} ${nextStep}`);
    },
  });

  /** L58: a slow webhook holds up the next message, and no tickle. */
  function seen(state: SessionState): void {
    // What a request meets that the end has cut off says nothing of the gateway.
    if (ended.signal.aborted) return;
    if (state.state !== last) options.changed(state);
    last = state.state;
    telling = telling.then(() => alerts.saw(state));
  }

  const keepAlive = createKeepAlive({
    session: cpapi.session,
    clock,
    intervalMs: settings.TICKLE_INTERVAL_SECONDS * 1000,
    compete: settings.IBKR_COMPETE,
    random: options.random ?? Math.random,
    seen,
    warn,
  });

  return {
    run: () => keepAlive.run(),
    stop() {
      keepAlive.stop();
      ended.abort();
    },
    async look() {
      const found = await keepAlive.beat();
      if (found !== null) return found;
      const state = await cpapi.session.status();
      seen(state);
      return state;
    },
    settled: () => telling,
  };
}
