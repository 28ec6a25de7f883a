import { createInterface } from "node:readline/promises";
import type { Readable, Writable } from "node:stream";

/** Where a person types and reads. */
export interface Terminal {
  input: Readable & { isTTY?: boolean };
  output: Writable;
}

export type Confirmation = "confirmed" | "no_terminal" | "not_confirmed";

/**
 * Asks a person to type a sentence, and takes nothing else for it: no flag, no pipe, no file, no default.
 * A terminal keeps out what only has the program's input and output. It does not keep out a program that
 * makes itself a terminal.
 */
export async function confirmTyped(
  terminal: Terminal,
  question: string,
  sentence: string,
): Promise<Confirmation> {
  if (terminal.input.isTTY !== true) return "no_terminal";
  const lines = createInterface({ input: terminal.input, output: terminal.output });
  try {
    const typed = await Promise.race([
      lines.question(`${question}\nType "${sentence}" to go on, anything else to leave it: `),
      // The end of the input, or Ctrl+C: nothing was typed.
      new Promise<null>((resolve) => lines.once("close", () => resolve(null))),
    ]);
    return typed?.trim() === sentence ? "confirmed" : "not_confirmed";
  } finally {
    lines.close();
  }
}
