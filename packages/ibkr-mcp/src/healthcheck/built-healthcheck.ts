import { fileURLToPath } from "node:url";
import { type Run, runProgram, type Told } from "trading-mcp/testing/built-healthcheck";
import { type SimulatedGateway, type SimulatedGatewayOptions, startSimulatedGateway } from "venue-sim";
import { expect } from "vitest";
import { temporaryFolder } from "../testing/built-server.ts";

/** The launcher of the built program, as `npx ibkr-healthcheck` runs it. For tests only. */
const PROGRAM = fileURLToPath(new URL("../../bin/ibkr-healthcheck.mjs", import.meta.url));

export { checkOf, type Told, troubles } from "trading-mcp/testing/built-healthcheck";

/** Runs the built program to its end, with this environment and nothing else of ours. */
export function runHealthcheck(args: string[], env: Record<string, string>): Promise<Run> {
  return runProgram(PROGRAM, args, env);
}

/** A gateway of the test's own, a state folder, and the program that looks at it. */
export interface Bench {
  gateway: SimulatedGateway;
  folder: string;
  run: (args?: string[], env?: Record<string, string>) => Promise<Run>;
  /** The report, which has to be all that was written. */
  report: (
    args?: string[],
    env?: Record<string, string>,
  ) => Promise<Told & { code: number | null; ms: number }>;
  /** Fails when anything was sent that could become, change or end an order. */
  close: () => Promise<void>;
}

export async function openBench(options: SimulatedGatewayOptions = {}): Promise<Bench> {
  const gateway = await startSimulatedGateway({ clock: "real", ...options });
  const folder = temporaryFolder();
  const run = (args: string[] = [], env: Record<string, string> = {}) =>
    runHealthcheck(args, {
      HOME: folder.path,
      TRADING_STATE_DIR: folder.path,
      IBKR_API_BASE_URL: gateway.baseUrl,
      ...env,
    });
  return {
    gateway,
    folder: folder.path,
    run,
    async report(args = [], env = {}) {
      const { code, stdout, stderr, ms } = await run(["--json", ...args], env);
      expect(stderr).toBe("");
      return { ...(JSON.parse(stdout) as Told), code, ms };
    },
    async close() {
      const writes = gateway.control.requests().filter(({ method }) => method !== "GET");
      await gateway.close();
      folder.remove();
      for (const { method, path } of writes) expect(`${method} ${path}`).toMatch(HARMLESS);
    },
  };
}

/** Everything but GET that the program may send: none of it names an order. */
const HARMLESS = /^POST iserver\/(?:auth\/status|auth\/ssodh\/init|marketdata\/unsubscribe|account)$/;
