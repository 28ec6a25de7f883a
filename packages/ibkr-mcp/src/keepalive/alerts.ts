import type { Clock } from "trading-core/ports/clock";
import type { SessionState } from "trading-core/ports/session";
import { follow, type Outage } from "./outage.ts";
import type { OutageFile } from "./outage-file.ts";
import { alertFor, isTold } from "./session-words.ts";
import type { Delivery } from "./webhook.ts";

export interface AlertsOptions {
  file: OutageFile;
  clock: Clock;
  /** How long a person's task has to be there before it is told, milliseconds. */
  certainAfterMs: number;
  /** Tells people at this machine. */
  tell: (alert: string) => void;
  /** Tells people elsewhere; null where no webhook is set. */
  post: ((alert: string) => Promise<Delivery>) | null;
  /** The webhook did not take it. */
  undelivered: (reason: string, nextStep: string) => void;
}

export interface Alerts {
  /** Tells what there is to tell about a look, and resolves when the webhook has answered. Never throws. */
  saw(state: SessionState): Promise<void>;
}

/** IBKR's nightly reset takes a few minutes, and nobody can do anything about it. */
const WAITING_MS = 20 * 60_000;
/** How often one message is tried: at the time, and at the looks that follow. */
const MOST_TRIES = 4;

/** Tells people of outages, once each for all processes of this machine, and when they are over. */
export function createAlerts({
  file,
  clock,
  certainAfterMs,
  tell,
  post,
  undelivered,
}: AlertsOptions): Alerts {
  let waiting: { alert: string; tries: number } | null = null;

  /** A message that was not taken is tried again with the next look, unless newer news takes its place. */
  async function send(alert: string, tries: number): Promise<void> {
    waiting = null;
    const delivery = await post?.(alert);
    if (!delivery || delivery.ok) return;
    if (tries === 1) undelivered(delivery.reason, delivery.nextStep);
    if (tries < MOST_TRIES) waiting = { alert, tries: tries + 1 };
  }

  return {
    async saw(state) {
      const sighting = {
        ready: state.ready,
        state: state.state,
        at: clock.now(),
        alert: alertFor(state),
        patienceMs: isTold(state) ? certainAfterMs : WAITING_MS,
      };
      const news: string[] = [];
      file.update((outage): Outage | null => {
        const next = follow(outage, sighting);
        if (next.alert !== null) news.push(next.alert);
        return next.outage;
      });
      const [alert] = news;
      if (alert !== undefined) {
        tell(alert);
        await send(alert, 1);
      } else if (waiting !== null) await send(waiting.alert, waiting.tries);
    },
  };
}

/** A process that looks every minute waits for a second look. */
export const CERTAIN_AFTER_MS = 10_000;
