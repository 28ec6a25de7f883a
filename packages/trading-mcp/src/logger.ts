import process from "node:process";
import { type Logger, pino } from "pino";
import { redactData, redactText } from "./redact.ts";

export type { Logger } from "pino";

export const LOG_LEVELS = ["debug", "info", "warn", "error", "silent"] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

/** How much unread log is kept for a reader of stderr that is behind; beyond it, lines are dropped. */
const MAX_BACKLOG = 1024 * 1024;

interface LoggerOptions {
  name: string;
  level: LogLevel;
  /** Values that must never appear, whatever carries them. */
  secrets?: readonly string[];
}

/**
 * One JSON line per event on stderr, ASCII only, secrets removed.
 *
 * The lines go through `process.stderr` and not through pino's own destination: that one flushes
 * synchronously when the process exits, and would wait forever for a reader that never comes.
 */
export function createLogger(options: LoggerOptions): Logger {
  const secrets = options.secrets ?? [];
  return pino(
    {
      name: options.name,
      level: options.level,
      base: { pid: process.pid },
      timestamp: () => `,"time":"${new Date().toISOString()}"`,
      formatters: {
        level: (label) => ({ level: label }),
        log: (fields) => redactData(fields) as Record<string, unknown>,
      },
      // The fields are plain data by now; pino's own serializer would see no error in them.
      serializers: { err: (value: unknown) => value },
    },
    { write: (line: string) => writeBounded(asciiOnly(redactText(line, secrets))) },
  );
}

function writeBounded(line: string): void {
  if (process.stderr.writableLength < MAX_BACKLOG) process.stderr.write(line);
}

/** Every other character as a JSON escape: terminals and log collectors disagree about encodings. */
export function asciiOnly(line: string): string {
  return line.replace(
    /[\u0080-\uffff]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}
