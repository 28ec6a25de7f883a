import { accessSync, constants, mkdirSync } from "node:fs";
import { messageOf } from "trading-core/domain/errors";
import type { ConfigError } from "../config.ts";
import { configFolder, type Machine } from "../folders.ts";
import { fail, type HealthCheck, ok } from "./check.ts";

/** What was loaded, without a value that could be a secret. */
export interface SettingsSeen {
  /** Of the server that these settings are for. */
  version: string;
  /** "ibkr": the user's settings file is named after it. */
  server: string;
  mode: string;
  /** In front of the mode, where there is more to say: "Binance". */
  place?: string;
  /** By setting, where its value came from. */
  sources: Readonly<Record<string, string>>;
  stateDir: string;
  machine: Machine;
}

/** The settings can be read: which are set and where, never their values. */
export function settingsCheck({
  version,
  server,
  mode,
  place,
  sources,
  stateDir,
  machine,
}: SettingsSeen): HealthCheck {
  const set = Object.entries(sources).filter(([, source]) => source !== "default");
  const data = {
    server_version: version,
    mode,
    set: Object.fromEntries(set),
    settings_file: `${configFolder(machine)}/${server}.env`,
    state_dir: stateDir,
  };
  const trouble = folderTrouble(stateDir);
  if (trouble !== null) {
    const step = "Make that folder writable, or name another one in TRADING_STATE_DIR.";
    return fail("settings", `The state folder ${stateDir} cannot be used: ${trouble}.`, step, data);
  }
  const lead = place === undefined ? "" : `${place}, `;
  return ok("settings", `${server} ${version}, ${lead}${mode} mode; ${origins(set)}.`, data);
}

export function unreadableSettings(error: ConfigError): HealthCheck {
  const problems = error.problems.map(({ key, message }) => ({ key, message }));
  const told = problems.map(({ key, message }) => `${key} ${message}`).join("; ");
  return fail("settings", `The settings cannot be used. ${told}.`, "Correct that, then run this again.", {
    problems,
  });
}

/** Journals, pacing and locks live there: without it no order goes out. */
function folderTrouble(path: string): string | null {
  try {
    mkdirSync(path, { recursive: true, mode: 0o700 });
    accessSync(path, constants.R_OK | constants.W_OK);
    return null;
  } catch (error) {
    // Serves entries: nothing is asked of a venue whose requests could not be counted.
    return messageOf(error);
  }
}

/** "2 set in the environment, 1 in /home/me/ibkr.env, the rest are defaults" */
function origins(set: [string, string][]): string {
  if (set.length === 0) return "every setting is at its default";
  const counts = new Map<string, number>();
  for (const [, source] of set) counts.set(source, (counts.get(source) ?? 0) + 1);
  const parts = [...counts].map(([source, count], index) => {
    return `${count}${index === 0 ? " set" : ""} ${PLACES[source] ?? `in ${source}`}`;
  });
  return `${parts.join(", ")}, the rest are defaults`;
}

const PLACES: Record<string, string> = {
  "command line": "on the command line",
  environment: "in the environment",
};
