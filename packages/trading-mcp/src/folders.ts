import { homedir } from "node:os";
import { isAbsolute, join } from "node:path";

export interface Machine {
  platform: NodeJS.Platform;
  env: Record<string, string | undefined>;
  home: string;
}

export function thisMachine(env: Record<string, string | undefined> = process.env): Machine {
  return { platform: process.platform, env, home: homedir() };
}

const APPLICATION = "agent-trading";

/** Where a user's settings live: the folder of `<server>.env`. Absolute, whatever the working directory. */
export function configFolder({ platform, env, home }: Machine): string {
  if (platform === "win32")
    return join(absolute(env.APPDATA) ?? join(home, "AppData", "Roaming"), APPLICATION);
  const base = platform === "darwin" ? join(home, "Library", "Application Support") : join(home, ".config");
  return join(absolute(env.XDG_CONFIG_HOME) ?? base, APPLICATION);
}

/** Where journals live when TRADING_STATE_DIR does not say. */
export function stateFolder({ platform, env, home }: Machine): string {
  if (platform === "win32")
    return join(absolute(env.LOCALAPPDATA) ?? join(home, "AppData", "Local"), APPLICATION);
  if (platform === "darwin") return join(home, "Library", "Application Support", APPLICATION);
  return join(absolute(env.XDG_STATE_HOME) ?? join(home, ".local", "state"), APPLICATION);
}

/** The XDG rules say to ignore a relative path; a journal that moves with the working directory is none. */
function absolute(path: string | undefined): string | null {
  return path !== undefined && path !== "" && isAbsolute(path) ? path : null;
}
