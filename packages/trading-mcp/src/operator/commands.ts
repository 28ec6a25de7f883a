import { takeOnly } from "../cli/command-flags.ts";
import type { CommandLine, Program } from "../cli/command-line.ts";
import { accept } from "./accept.ts";
import { journal } from "./journal.ts";
import { resolve } from "./resolve.ts";
import { openRoom, type RoomOptions } from "./room.ts";
import { halt, resume } from "./switch.ts";

/** The commands that every server's program has for its operator. */
export const operatorCommands: Program["commands"] = {
  halt: "Stop entries now; --stop-exits stops everything, --reason says why. Needs no venue.",
  resume: "Trade again after a halt. Wants a person at a terminal, who types a confirmation.",
  "journal verify [PATH]": "Check every record of the journals; 0 is whole, 1 is broken.",
  "journal show <id>": "Tell the whole life of one order, by the venue's or our order id.",
  "journal accept": "Rely on a journal again of which something is missing. Wants a person at a terminal.",
  "journal export --csv": "Orders and fills as a table; --out FILE writes a new file.",
  "resolve <client order id>":
    "End the question what became of an order: --as placed [--filled QTY [--price P]] or --as not-placed, at a terminal.",
};

export const operatorFlags: NonNullable<Program["flags"]> = {
  "stop-exits": { type: "boolean", description: "With halt: stop exits too." },
  reason: { type: "string", placeholder: "text", description: "With halt: why, for whoever resumes." },
  csv: { type: "boolean", description: "With journal export: the format." },
  out: { type: "string", placeholder: "file", description: "With journal export: a new file to write." },
  as: { type: "string", placeholder: "what", description: "With resolve: placed or not-placed." },
  filled: {
    type: "string",
    placeholder: "quantity",
    description: "With resolve --as placed: how much was filled in all; the order is over with that.",
  },
  price: {
    type: "string",
    placeholder: "price",
    description: "With --filled: its average price; without it the worst price counts.",
  },
};

/** Runs one of them: what no tool may do. Answers how the program ends. */
export async function runOperator(command: string, line: CommandLine, options: RoomOptions): Promise<number> {
  const { flags } = line;
  const room = openRoom(options);
  try {
    switch (command) {
      case "halt": {
        takeOnly("halt", line, { flags: ["stop-exits", "reason"] });
        const reason = typeof flags.reason === "string" ? flags.reason : null;
        return await halt(room, { stopExits: flags["stop-exits"] === true, reason });
      }
      case "resume":
        takeOnly("resume", line, {});
        return await resume(room);
      case "journal":
        return line.rest[0] === "accept"
          ? await accept(room, { ...line, rest: line.rest.slice(1) })
          : journal(room, line);
      default:
        return await resolve(room, line);
    }
  } finally {
    room.journals.close();
  }
}
