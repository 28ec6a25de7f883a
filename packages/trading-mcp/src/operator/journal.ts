import { closeSync, existsSync, openSync, writeSync } from "node:fs";
import { messageOf } from "trading-core/domain/errors";
import { untrustedText } from "trading-core/domain/untrusted-text";
import { csvHeader, csvRows } from "trading-core/journal/export";
import { storyOf } from "trading-core/journal/story";
import { verificationText, verifyJournal } from "trading-core/journal/verify";
import { takeOnly } from "../cli/command-flags.ts";
import { type CommandLine, UsageError } from "../cli/command-line.ts";
import { writeStdout } from "../quiet-stdout.ts";
import { complain, EXIT, journalPaths, type Room, say } from "./room.ts";

/** Each reads the files as they are: no lock, no write, no gateway, whoever has them open. */
const COMMANDS: Record<string, (room: Room, line: CommandLine) => number> = {
  verify,
  show,
  export: exportCsv,
};

/** `journal <what>`: what the journals of this venue and mode hold. */
export function journal(room: Room, line: CommandLine): number {
  const [name = "", ...rest] = line.rest;
  const command = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
  if (!command) throw new UsageError(`journal takes one of: ${Object.keys(COMMANDS).join(", ")}, accept.`);
  return command(room, { ...line, rest });
}

function verify(room: Room, line: CommandLine): number {
  takeOnly("journal verify", line, { words: [0, 1] });
  const [given] = line.rest;
  const paths = given === undefined ? journalPaths(room) : [given];
  if (paths.length === 0) return none(room);
  let code: number = EXIT.done;
  for (const path of paths) {
    try {
      const found = verifyJournal(path);
      writeStdout(verificationText(found));
      if (found.faults.length > 0) code = EXIT.failed;
    } catch (error) {
      complain(`${path} cannot be read: ${messageOf(error)}`);
      code = EXIT.failed;
    }
  }
  return code;
}

function show(room: Room, line: CommandLine): number {
  takeOnly("journal show", line, { words: [1, 1] });
  const [id = ""] = line.rest;
  const paths = journalPaths(room).filter((path) => existsSync(path));
  if (paths.length === 0) return none(room);
  let isKnown = false;
  for (const path of paths) {
    const story = storyOf(path, id);
    if (story === null) continue;
    isKnown = true;
    say([`Order ${untrustedText(id, 64)}, by ${path}:`, ...story].join("\n"));
  }
  if (!isKnown) complain(`No journal of this venue and mode knows an order ${untrustedText(id, 64)}.`);
  return isKnown ? EXIT.done : EXIT.failed;
}

function exportCsv(room: Room, line: CommandLine): number {
  takeOnly("journal export", line, { flags: ["csv", "out"] });
  if (line.flags.csv !== true) throw new UsageError("journal export wants its format: --csv.");
  const paths = journalPaths(room).filter((path) => existsSync(path));
  if (paths.length === 0) return none(room);
  const out = typeof line.flags.out === "string" ? line.flags.out : null;
  if (out === null) {
    writeStdout(csvHeader());
    for (const path of paths) for (const row of csvRows(path)) writeStdout(row);
    return EXIT.done;
  }
  return intoFile(out, paths);
}

/** Into a new file that only its owner reads. One that exists is left alone: it may be anything. */
function intoFile(out: string, paths: string[]): number {
  let fd: number;
  try {
    fd = openSync(out, "wx", 0o600);
  } catch (error) {
    complain(`Nothing was exported: ${messageOf(error)}`);
    return EXIT.failed;
  }
  let rows = 0;
  try {
    writeSync(fd, csvHeader());
    for (const path of paths) {
      for (const row of csvRows(path)) {
        writeSync(fd, row);
        rows++;
      }
    }
  } finally {
    closeSync(fd);
  }
  say(`${rows} rows in ${out}.`);
  return EXIT.done;
}

function none(room: Room): number {
  complain(`There is no journal of ${room.policy.venue} in mode ${room.policy.mode} in ${room.stateDir}.`);
  return EXIT.failed;
}
