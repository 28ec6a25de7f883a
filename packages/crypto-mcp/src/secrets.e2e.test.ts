import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { callMessage, initialize, startChild } from "trading-mcp/testing/child";
import { startSimulatedExchange } from "venue-sim";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { bareEnvironment, SERVER, temporaryFolder } from "./testing/built-server.ts";
import { answerOf, PATIENCE_MS } from "./testing/server-world.ts";

/** Key, secret and passphrase reach the exchange's signature, and nothing else: no output, no file, no child. */
vi.setConfig({ testTimeout: PATIENCE_MS });

const SECRETS = {
  CRYPTO_API_KEY: "key-that-must-stay-here-4711",
  CRYPTO_API_SECRET: Buffer.from("secret that must stay here 4711").toString("base64"),
  CRYPTO_API_PASSWORD: "passphrase-that-must-stay-here-4711",
};

let folder: ReturnType<typeof temporaryFolder>;
beforeEach(() => {
  folder = temporaryFolder();
});
afterEach(() => folder.remove());

/** Everything that is in a folder, names included. */
function contentsOf(path: string): string {
  if (!existsSync(path)) return "";
  const files = readdirSync(path, { recursive: true, withFileTypes: true }).filter((each) => each.isFile());
  return files
    .map((each) => `${each.name}\n${readFileSync(join(each.parentPath, each.name), "latin1")}`)
    .join("\n");
}

/** As they are, and as they stand in an address or a form. */
function expectNone(text: string): void {
  for (const secret of Object.values(SECRETS)) {
    expect(text).not.toContain(secret);
    expect(text).not.toContain(encodeURIComponent(secret));
  }
}

describe.each(["binance", "kraken"] as const)("on %s", (kind) => {
  const state = () => join(folder.path, "state");
  const env = () => ({
    HOME: folder.path,
    TRADING_STATE_DIR: state(),
    CRYPTO_EXCHANGE: kind,
    LOG_LEVEL: "debug",
    ...SECRETS,
  });

  test.each([
    ["a key that works", SECRETS.CRYPTO_API_KEY],
    ["a key that is refused", "another-key"],
  ])("%s", async (_what, apiKey) => {
    const exchange = await startSimulatedExchange({
      kind,
      clock: "real",
      apiKey,
      apiSecret: SECRETS.CRYPTO_API_SECRET,
    });
    const server = startChild({
      command: [SERVER],
      env: bareEnvironment({ ...env(), CRYPTO_API_BASE_URL: exchange.baseUrl }),
    });
    try {
      await initialize(server);
      const calls: [string, object][] = [
        ["session_status", {}],
        ["account_summary", {}],
        ["preview_order", { symbol: "BTC", side: "BUY", cash_amount: 20 }],
        ["buy", { symbol: "BTC", cash_amount: 20 }],
        ["positions", {}],
        ["open_orders", {}],
        ["trade_history", {}],
      ];
      let good = 0;
      for (const [id, [tool, args]] of calls.entries()) {
        // An exchange that breaks off in the middle is where libraries print what they sent.
        if (tool === "open_orders") {
          exchange.control.faults.add({ action: { type: "html-200" } });
        }
        server.send(callMessage(id + 1, tool, args));
        const answer = await answerOf(server, id + 1);
        if (answer.ok) good += 1;
      }
      expect(good).toBeGreaterThan(apiKey === SECRETS.CRYPTO_API_KEY ? 4 : 0);
      // The key does travel: to the exchange, whose answers could bring it back.
      const headers = JSON.stringify(exchange.control.requests());
      expect(headers.length).toBeGreaterThan(0);
      server.process.stdin.end();
      await server.ended();
      expectNone(server.stdout.join("\n"));
      expectNone(server.stderr());
      expectNone(contentsOf(state()));
    } finally {
      server.process.kill("SIGKILL");
      await exchange.close();
    }
  });

  test.runIf(process.platform === "linux")("the simulator's process inherits none of them", async () => {
    const server = startChild({ command: [SERVER, "--sim"], env: bareEnvironment(env()) });
    try {
      await initialize(server);
      server.send(callMessage(1, "get_quote", { symbol: "BTC" }));
      // The key fits no simulator: what is refused starts one all the same.
      expect(await answerOf(server, 1)).toHaveProperty("ok");
      const file = join(state(), `simulator-${kind}`, "simulator.json");
      const { pid } = JSON.parse(readFileSync(file, "utf8")) as { pid: number };
      const child =
        readFileSync(`/proc/${pid}/environ`, "utf8") + readFileSync(`/proc/${pid}/cmdline`, "utf8");
      expect(child).toContain("PATH=");
      expectNone(child);
      expect(child).not.toContain("CRYPTO_API");
      expectNone(readFileSync(`/proc/${server.process.pid}/cmdline`, "utf8"));
    } finally {
      server.process.kill("SIGKILL");
      await server.ended();
    }
  });
});
