import { systemClock } from "trading-core/ports/clock";
import { runHealthcheck } from "trading-mcp/healthcheck/program";
import { loadIbkrSettings, policyOf } from "../settings.ts";
import { CHECK_NAMES } from "./check-names.ts";
import { runChecks } from "./run-checks.ts";

const VERSION = process.env.SERVER_VERSION ?? "0.0.0";

/** The `ibkr-healthcheck` program. */
export function main(argv: readonly string[]): Promise<void> {
  return runHealthcheck(
    {
      name: "ibkr-healthcheck",
      version: VERSION,
      server: "ibkr",
      symbol: "AAPL",
      flags: {
        revive: {
          type: "boolean",
          description: "Open the brokerage session first if it is down, as the server would.",
        },
      },
      checkNames: CHECK_NAMES,
      properNames: [],
      load: loadIbkrSettings,
      policyOf: ({ values }) => policyOf(values),
      runChecks: ({ flags, ...asked }) =>
        runChecks({ ...asked, version: VERSION, clock: systemClock, revive: flags.revive === true }),
    },
    argv,
  );
}
