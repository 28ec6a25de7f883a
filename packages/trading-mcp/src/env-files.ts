import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { parse } from "dotenv";
import { messageOf } from "trading-core/domain/errors";
import { ConfigError, type EnvFile } from "./config.ts";
import { configFolder, type Machine } from "./folders.ts";

/**
 * The files that a server reads, strongest first: the one named on the command line, then
 * `<server>.env` in the user's configuration folder. Never `.env` in the working directory: that folder
 * is the client's choice, and whoever can write to it could loosen the limits.
 */
export function readEnvFiles(server: string, named: string | null, machine: Machine): EnvFile[] {
  const own = readEnvFile(join(configFolder(machine), `${server}.env`));
  if (named === null) return own === null ? [] : [own];
  const path = resolve(named);
  const file = readEnvFile(path);
  if (file === null) throw new ConfigError([{ key: "--env-file", message: `there is no file ${path}` }]);
  return own === null ? [file] : [file, own];
}

/** The file's values, or null when there is none. A file that is there and cannot be read is an error. */
function readEnvFile(path: string): EnvFile | null {
  try {
    return { path, values: parse(readFileSync(path, "utf8")) };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return null;
    throw new ConfigError([{ key: path, message: `cannot be read: ${messageOf(error)}` }]);
  }
}
