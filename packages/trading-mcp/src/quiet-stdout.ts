/**
 * Imported before anything else by a program that speaks a protocol on stdout: from then on nothing
 * but `writeStdout` reaches it. What a dependency prints goes to stderr, where it cannot break a client.
 */
import { Console } from "node:console";
import process from "node:process";

const write = process.stdout.write.bind(process.stdout);

globalThis.console = new Console({ stdout: process.stderr, stderr: process.stderr });
process.stdout.write = process.stderr.write.bind(process.stderr) as typeof process.stdout.write;
// Somebody who closes stderr loses the log, and nothing else.
process.stderr.on("error", () => {});

/** Writes to the real stdout; false means that the reader is behind and "drain" will follow. */
export function writeStdout(text: string): boolean {
  return write(text);
}
