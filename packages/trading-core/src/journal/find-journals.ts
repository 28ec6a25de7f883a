import { readdirSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import type { Journals } from "./journals.ts";

export interface FoundJournal {
  path: string;
  /** As it is in the file's name. */
  account: string;
}

const UNBOUND = "unbound";

/**
 * The accounts' journals of this venue and mode that are on disk, by account. The one for refusals from
 * before an account was known is no account's, and is left out.
 */
export function findJournals(journals: Pick<Journals, "pathOf">): FoundJournal[] {
  const marker = "0account0";
  const pattern = journals.pathOf(marker);
  const name = basename(pattern);
  const at = name.lastIndexOf(marker);
  const [before, after] = [name.slice(0, at), name.slice(at + marker.length)];
  return names(dirname(pattern))
    .filter(
      (each) => each.startsWith(before) && each.endsWith(after) && each.length > name.length - marker.length,
    )
    .map((each) => ({
      path: join(dirname(pattern), each),
      account: each.slice(before.length, each.length - after.length),
    }))
    .filter(({ account }) => account !== UNBOUND && /^[A-Za-z0-9_-]+$/.test(account))
    .sort((a, b) => (a.account < b.account ? -1 : 1));
}

function names(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return [];
    throw error;
  }
}
