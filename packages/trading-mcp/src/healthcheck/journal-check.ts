import { existsSync } from "node:fs";
import type { Posture } from "trading-core/guard/answers";
import type { Policy } from "trading-core/guard/policy";
import { openJournals } from "trading-core/journal/journals";
import type { Ledger } from "trading-core/journal/ledger";
import type { Clock } from "trading-core/ports/clock";
import { texts } from "../format.ts";
import { fail, type HealthCheck, ok, skipped, warn } from "./check.ts";

interface Options {
  /** Null when the guard could not be asked. */
  posture: Posture | null;
  policy: Policy;
  stateDir: string;
  journalPath: string | null;
  clock: Clock;
}

/** The account's journal can be written, is whole, and leaves no question open. Adds no record to it. */
export function journalCheck({ posture, policy, stateDir, journalPath, clock }: Options): HealthCheck {
  const account = posture?.identity?.accountId ?? policy.accountId;
  if (account === null) return skipped("journal", "the account, after which it is named");
  const journals = openJournals({
    stateDir,
    path: journalPath,
    venue: policy.venue,
    mode: policy.mode,
    clock,
  });
  const path = journals.pathOf(account);
  // An account that was only configured, and may be a mistake, gets no file.
  if (!posture?.identity && !existsSync(path))
    return ok("journal", `None yet; it will be ${path}.`, { path });
  try {
    return judgeLedger(path, journals.of(account).ledger, posture?.openPlans ?? null);
  } finally {
    journals.close();
  }
}

function judgeLedger(path: string, ledger: Ledger, plans: string[] | null): HealthCheck {
  const unresolved = ledger
    .openOrders()
    .filter(({ phase }) => phase === "unresolved" || phase === "dispatched")
    .map(({ clientOrderId }) => clientOrderId);
  const open = plans ?? [...ledger.openPlans.values()].map(({ symbol }) => `closing ${symbol} did not end`);
  const data = {
    path,
    records: ledger.lastSeq,
    complete: ledger.incomplete === null,
    unresolved,
    open_plans: texts(open, 200),
  };
  if (ledger.incomplete !== null) {
    const step =
      "Keep the file as it is and find out who changed it; until then entries are refused and exits go through.";
    return fail("journal", `${path} cannot be relied on: ${ledger.incomplete}.`, step, data);
  }
  if (unresolved.length > 0) {
    const orders = unresolved.length === 1 ? "1 order's fate is" : `${unresolved.length} orders' fate is`;
    const step =
      "Look for it in the account's orders and trades; the server looks as well whenever it decides.";
    return warn("journal", `${orders} unknown (${unresolved.slice(0, 3).join(", ")}); ${path}.`, step, data);
  }
  if (open.length > 0) {
    const step = "Look at that position and whether a stop protects it.";
    return warn("journal", `A close was left open: ${texts(open, 200).join("; ")}; ${path}.`, step, data);
  }
  const records = ledger.lastSeq === 0 ? "empty so far" : `${ledger.lastSeq} records, complete`;
  return ok("journal", `${path}: ${records}, nothing unresolved.`, data);
}
