import { type Child, startChild } from "trading-mcp/testing/child";
import { bareEnvironment, SERVER } from "./built-server.ts";

/** The built server as a process that is spoken to in raw lines. Its environment is `env` and nothing else of ours. */
export function startRawServer(
  env: Record<string, string>,
  options: { args?: string[]; unread?: ("stdout" | "stderr")[] } = {},
): Child {
  const { args = [], unread = [] } = options;
  return startChild({ command: [SERVER, ...args], env: bareEnvironment(env), unread });
}

/** Settings of a server that trades for real on a gateway's paper account. */
export function tradingOn(baseUrl: string, stateDir: string): Record<string, string> {
  return {
    TRADING_STATE_DIR: stateDir,
    IBKR_API_BASE_URL: baseUrl,
    IBKR_TRADING_MODE: "paper",
    TRADING_DRY_RUN: "false",
    MAX_DAILY_VALUE: "1000",
  };
}

/** A gateway that is not there: port 1 is nobody's, a connection to it is refused. */
export const NO_GATEWAY = "https://127.0.0.1:1/v1/api";
