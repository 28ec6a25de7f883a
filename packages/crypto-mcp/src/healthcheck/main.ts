import { systemClock } from "trading-core/ports/clock";
import { runHealthcheck } from "trading-mcp/healthcheck/program";
import { profiles } from "../exchange/profile.ts";
import { loadCryptoSettings, policyOf } from "../settings.ts";
import { CHECK_NAMES } from "./check-names.ts";
import { runChecks } from "./run-checks.ts";

const VERSION = process.env.SERVER_VERSION ?? "0.0.0";

/** The `crypto-healthcheck` program. */
export function main(argv: readonly string[]): Promise<void> {
  return runHealthcheck(
    {
      name: "crypto-healthcheck",
      version: VERSION,
      server: "crypto",
      symbol: "BTC",
      flags: {},
      checkNames: CHECK_NAMES,
      properNames: Object.values(profiles).map(({ name }) => name),
      load: loadCryptoSettings,
      policyOf: ({ values }) => policyOf(values),
      runChecks: ({ loaded, machine, symbol }) =>
        runChecks({ loaded, machine, symbol, version: VERSION, clock: systemClock }),
    },
    argv,
  );
}
