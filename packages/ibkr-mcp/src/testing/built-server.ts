import { fileURLToPath } from "node:url";
import { type BuiltServer, startBuilt } from "trading-mcp/testing/built-server";

export {
  type BuiltServer,
  bareEnvironment,
  type ToolAnswer,
  temporaryFolder,
} from "trading-mcp/testing/built-server";

/** The launcher of the built server, as `npx ibkr-mcp` runs it. */
export const SERVER = fileURLToPath(new URL("../../bin/ibkr-mcp.mjs", import.meta.url));

/** Starts the built server with the SDK's own client over stdio. Its environment is `env` and nothing else of ours. */
export function startBuiltServer(options: {
  args?: string[];
  env: Record<string, string>;
  cwd?: string;
}): Promise<BuiltServer> {
  return startBuilt({ server: SERVER, ...options });
}
