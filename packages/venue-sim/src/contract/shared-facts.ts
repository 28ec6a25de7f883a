import { existsSync, readFileSync } from "node:fs";

/** The folder beside the checkout; what lies in it is others' text and stays out of the project. */
const FOLDER = new URL("../../../../../shared/facts/", import.meta.url);

/** A JSON document from beside the checkout, or null where it is not there. */
export function readSharedFact(name: string): unknown {
  const file = new URL(name, FOLDER);
  return existsSync(file) ? JSON.parse(readFileSync(file, "utf8")) : null;
}

/** The end of a test's name that says why it is skipped; empty when it is not. */
export function absenceNote(fact: unknown, what: string): string {
  return fact === null ? ` (skipped: ${what} is not beside this checkout)` : "";
}
