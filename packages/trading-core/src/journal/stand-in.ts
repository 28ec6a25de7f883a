import { dirname } from "node:path";
import { messageOf } from "../domain/errors.ts";
import { type Journal, unavailable } from "./journal.ts";
import { createLedger } from "./ledger.ts";
import type { Entry } from "./record.ts";
import { thisWriter } from "./writer.ts";

/**
 * Stands in for a journal that cannot be opened (S23): a folder that can only be read, a full disk, a damaged
 * file. It knows of nothing and says so, takes no record, and so lets no entry through; what exits do without
 * a record waits here. Each locked step tries to open the journal; from then on this is that journal.
 *
 * @param open throws while it cannot be opened
 * @param why the first failure
 */
export function standInFor(path: string, open: () => Journal, why: unknown): Journal {
  let real: Journal | null = null;
  let closed = false;
  let trouble = messageOf(why);
  const ledger = createLedger();
  ledger.quarantine(`it could not be opened: ${trouble}`);
  const sent: (Entry & { kind: "intent" })[] = [];
  const absent = new Set<string>();
  // In the order in which they were left here: an outcome never comes before its intent.
  const debts: ((journal: Journal) => void)[] = [];

  function opened(): Journal {
    if (real !== null) return real;
    if (closed) throw unavailable(path, new Error("it was closed"));
    let journal: Journal;
    try {
      journal = open();
    } catch (error) {
      trouble = messageOf(error);
      throw unavailable(path, error);
    }
    for (const pay of debts) pay(journal);
    for (const id of absent) journal.provenAbsent(id);
    real = journal;
    return journal;
  }

  return {
    path,
    folder: dirname(path),
    get unopened() {
      return real === null ? trouble : real.unopened;
    },
    get ledger() {
      return real?.ledger ?? ledger;
    },
    get reserve() {
      return real?.reserve ?? null;
    },
    get writer() {
      return real?.writer ?? thisWriter();
    },
    catchUp: () => real?.catchUp(),
    async locked(waitMs, step) {
      return opened().locked(waitMs, step);
    },
    owe(make) {
      if (real) real.owe(make);
      else debts.push((journal) => journal.owe(make));
    },
    unjournaled: () => real?.unjournaled() ?? sent,
    unwritten: () => real?.unwritten() ?? sent.filter((each) => !absent.has(each.clientOrderId)),
    provenAbsent(clientOrderId) {
      if (real) real.provenAbsent(clientOrderId);
      else absent.add(clientOrderId);
    },
    oweUnjournaled(intent) {
      if (real) return real.oweUnjournaled(intent);
      sent.push(intent);
      debts.push((journal) => journal.oweUnjournaled(intent));
    },
    tail: (limit) => opened().tail(limit),
    close() {
      closed = true;
      real?.close();
    },
  };
}
