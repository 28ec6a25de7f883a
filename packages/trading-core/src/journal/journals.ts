import { createHash, randomBytes } from "node:crypto";
import { existsSync, linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { basename, dirname, extname, join } from "node:path";
import type { Clock } from "../ports/clock.ts";
import { isSystemError, type Journal, openJournal, unavailable } from "./journal.ts";
import { standInFor } from "./stand-in.ts";

/** The journals of one venue in one mode: one file for each account, opened on first need. */
export interface Journals {
  /** The journal of this account; null stands for refusals from before the account was known. */
  of(account: string | null): Journal;
  pathOf(account: string | null): string;
  close(): void;
}

/**
 * @param stateDir absolute path of the per-user state folder
 * @param path where the operator moved this venue's journals to; each account's file is named after it
 * @param standIn what cannot be opened is stood in for, so that exits go out without it (S23); else `of` throws
 */
export function openJournals(options: {
  stateDir: string;
  path: string | null;
  venue: string;
  mode: string;
  clock: Clock;
  standIn?: boolean;
}): Journals {
  const { stateDir, venue, mode, clock } = options;
  const open = new Map<string, Journal>();

  function pathOf(account: string | null): string {
    const name = `${safeName(account ?? "unbound")}-${mode}`;
    if (options.path === null) return join(stateDir, "journals", `${venue}-${name}.jsonl`);
    const extension = extname(options.path) || ".jsonl";
    return join(dirname(options.path), `${basename(options.path, extension)}.${name}${extension}`);
  }

  return {
    pathOf,
    of(account) {
      const path = pathOf(account);
      let journal = open.get(path);
      if (!journal) {
        const openIt = () => openJournal(path, { venue, account: account ?? "unbound", mode }, clock);
        try {
          journal = openIt();
        } catch (error) {
          if (!options.standIn) throw unavailable(path, error);
          journal = standInFor(path, openIt, error);
        }
        open.set(path, journal);
      }
      return journal;
    },
    close() {
      for (const journal of open.values()) journal.close();
      open.clear();
    },
  };
}

/** Account ids come from a venue: nothing of them may leave the folder. */
function safeName(account: string): string {
  return account.replace(/[^A-Za-z0-9_-]/g, "_").slice(0, 64);
}

/**
 * Four characters that belong to a state folder, made on first need. Client order ids begin with them,
 * so that orders of another state folder's journal can be told from ours.
 */
export function stateFolderPrefix(stateDir: string): string {
  const path = join(stateDir, "id");
  mkdirSync(stateDir, { recursive: true, mode: 0o700 });
  // Once it is there nothing is written: a server that starts on a full disk has exits to send.
  if (!existsSync(path)) makePrefix(path);
  const text = readFileSync(path, "utf8").trim();
  if (!/^[a-z0-9]{4}$/.test(text)) {
    throw new Error(
      `${path} should hold four letters or digits; it holds ${JSON.stringify(text.slice(0, 20))}`,
    );
  }
  return text;
}

/**
 * The same for a server, which has exits to send although the folder can be neither made nor read: until it
 * can, the letters come from the machine and the path, so that all servers there choose the same.
 */
export function prefixOfServer(stateDir: string): () => string {
  let made: string | null = null;
  return () => {
    try {
      made ??= stateFolderPrefix(stateDir);
    } catch (error) {
      if (!isSystemError(error)) throw error;
    }
    return made ?? lettersOf(`${hostname()}:${stateDir}`).slice(0, 4);
  };
}

/** Letters and digits that stand for a text, always the same. */
export function lettersOf(text: string): string {
  return BigInt(`0x${createHash("sha256").update(text).digest("hex")}`).toString(36);
}

function makePrefix(path: string): void {
  // A link appears whole or not at all, and fails where the file exists: the first process decides, the
  // others read, and none of them finds a file that is still empty.
  const fresh = `${path}.${process.pid}.${randomLetters(8)}`;
  writeFileSync(fresh, randomLetters(4), { mode: 0o600 });
  try {
    linkSync(fresh, path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
  } finally {
    rmSync(fresh, { force: true });
  }
}

/** A client order id: the folder's prefix and 14 random characters, 18 of [a-z0-9] in all. */
export function newClientOrderId(prefix: string): string {
  return prefix + randomLetters(14);
}

const LETTERS = "abcdefghijklmnopqrstuvwxyz0123456789";

function randomLetters(count: number): string {
  // 252 is the greatest multiple of 36 in a byte: above it the letters would not be equally likely.
  let text = "";
  while (text.length < count) {
    for (const byte of randomBytes(count)) {
      if (byte < 252 && text.length < count) text += LETTERS[byte % 36];
    }
  }
  return text;
}
