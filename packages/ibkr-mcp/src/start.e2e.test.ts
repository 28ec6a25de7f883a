import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { startSimulatedGateway } from "venue-sim";
import { afterEach, beforeEach, expect, test } from "vitest";
import { bareEnvironment, SERVER, startBuiltServer, temporaryFolder } from "./testing/built-server.ts";

/** How the program starts, and how it refuses to. */
let folder: ReturnType<typeof temporaryFolder>;
beforeEach(() => {
  folder = temporaryFolder();
});
afterEach(() => folder.remove());

function run(args: string[], env: Record<string, string> = {}, cwd = folder.path) {
  const home = { HOME: folder.path, TRADING_STATE_DIR: join(folder.path, "state") };
  return spawnSync(process.execPath, [SERVER, ...args], {
    env: bareEnvironment({ ...home, ...env }),
    cwd,
    input: "",
    encoding: "utf8",
  });
}

test("with no configuration and no gateway it starts, lists its tools, and says what to do", async () => {
  // Port 1 is nobody's: a connection to it is refused.
  const server = await startBuiltServer({
    env: { HOME: folder.path, IBKR_API_BASE_URL: "https://127.0.0.1:1/v1/api" },
  });
  try {
    expect(await server.tools()).toContain("buy");
    const posture = await server.call("session_status");
    expect(posture).toMatchObject({ ok: true, data: { can_trade: false, mode: "paper", dry_run: true } });
    expect(posture.data.session.state).toBe("no_gateway");
    expect(posture.data.next_step).toMatch(/gateway/i);
    const refused = await server.call("buy", { symbol: "AAPL", cash_amount: 10 });
    expect(refused).toMatchObject({ ok: false, isError: true, error: { code: "gateway_unreachable" } });
    expect(refused.error.next_step).not.toBe("");
    expect((await server.call("session_status")).ok).toBe(true);
  } finally {
    await server.close();
  }
});

test("read mode lists no tool that writes, and refuses one that is called all the same", async () => {
  const server = await startBuiltServer({
    env: { HOME: folder.path, TRADING_TOOLS: "read", IBKR_API_BASE_URL: "https://127.0.0.1:1/v1/api" },
  });
  try {
    const tools = await server.tools();
    for (const name of ["buy", "sell", "stop_order", "close_position", "cancel_order"]) {
      expect(tools).not.toContain(name);
      const answer = await server.call(name, { symbol: "AAPL", order_id: "1" });
      expect(answer.ok).toBe(false);
    }
    expect((await server.call("buy", { symbol: "AAPL", cash_amount: 10 })).error.code).toBe("read_only");
  } finally {
    await server.close();
  }
});

test.each([
  ["an unreadable value", { MAX_ORDER_VALUE: "lots" }, /MAX_ORDER_VALUE.*plain number.*"lots"/],
  ["a typo in an arm", { TRADING_DRY_RUN: "flase" }, /TRADING_DRY_RUN.*true or false/],
  ["an unknown mode", { IBKR_TRADING_MODE: "prod" }, /IBKR_TRADING_MODE.*sim, paper or live/],
  ["a misspelt key", { MAX_DAILY_VALUES: "10" }, /MAX_DAILY_VALUES.*did you mean MAX_DAILY_VALUE\?/],
  ["a retired key", { MARKET_OPEN_TIME: "09:30" }, /MARKET_OPEN_TIME is no setting.*NYSE calendar/],
  ["a pace of nothing", { MAX_ORDERS_PER_MINUTE: "0" }, /MAX_ORDERS_PER_MINUTE.*whole number from 1 to 1000/],
  ["a loss below nothing", { MAX_DAILY_LOSS: "-10" }, /MAX_DAILY_LOSS.*greater than 0/],
  ["a paper id in live mode", { IBKR_TRADING_MODE: "live", IBKR_ACCOUNT_ID: "DU1234567" }, /IBKR_ACCOUNT_ID/],
  ["a day smaller than an order", { MAX_ORDER_VALUE: "100", MAX_DAILY_VALUE: "50" }, /MAX_DAILY_VALUE/],
  [
    "several at once",
    { MAX_ORDER_VALUE: "x", IBKR_TRADING_MODE: "y" },
    /IBKR_TRADING_MODE takes[\s\S]*MAX_ORDER_VALUE takes/,
  ],
])("%s refuses to start and names the key", (_what, env, words) => {
  const { status, stdout, stderr } = run([], env);
  expect(status).toBe(2);
  expect(stderr).toMatch(words);
  expect(stdout).toBe("");
});

test("a blank value is unset", () => {
  expect(run(["config"], { MAX_DAILY_VALUE: "", IBKR_ACCOUNT_ID: " " }).stdout).toMatch(
    /MAX_DAILY_VALUE +\(unset\)/,
  );
});

test("a .env in the working directory is never read; one that is named is", () => {
  const project = join(folder.path, "project");
  mkdirSync(project);
  writeFileSync(join(project, ".env"), "TRADING_ALLOW_LIVE=true\nMAX_ORDER_VALUE=99999\n");
  expect(run(["config"], {}, project).stdout).toMatch(/MAX_ORDER_VALUE +100 +default/);
  expect(run(["config", "--env-file", join(project, ".env")], {}, project).stdout).toMatch(
    /MAX_ORDER_VALUE +99999 +\/.*\.env/,
  );
  expect(run(["config", "--env-file=/no/such/file"]).stderr).toContain("/no/such/file");
});

test("unknown flags and commands are errors with a suggestion", () => {
  expect(run(["--simm"])).toMatchObject({ status: 2, stderr: expect.stringMatching(/mean "sim"/) });
  expect(run(["confg"])).toMatchObject({ status: 2, stderr: expect.stringMatching(/config/) });
  expect(run(["config", "please"]).status).toBe(2);
  expect(run(["sim"]).status).toBe(2);
});

test("--help and --version tell, and config writes nothing to disk", () => {
  expect(run(["--help"]).stdout).toMatch(/Usage: ibkr-mcp/);
  expect(run(["--version"]).stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
  expect(run(["config"]).status).toBe(0);
  expect(existsSync(join(folder.path, "state"))).toBe(false);
});

test("S20, S33: a dry run is validated by the venue, sends nothing, and is on in paper unless turned off", async () => {
  const gateway = await startSimulatedGateway({ clock: "real" });
  const server = await startBuiltServer({
    env: { HOME: folder.path, TRADING_STATE_DIR: folder.path, IBKR_API_BASE_URL: gateway.baseUrl },
  });
  try {
    const first = await server.call("buy", { symbol: "AAPL", cash_amount: 50 });
    expect(first.data).toMatchObject({ dry_run: true, order_id: null, status: "pending" });
    expect(first.data.request.body).toMatchObject({ orders: [{ conid: 265598, cashQty: 50 }] });
    expect(first.data.preview.commission).not.toBeNull();
    // A dry run is no order: the same one again is no duplicate.
    expect((await server.call("buy", { symbol: "AAPL", cash_amount: 50 })).ok).toBe(true);
    expect(gateway.control.state().orders).toEqual([]);
    const posts = gateway.control.requests({ method: "POST", path: /orders$/ });
    expect(posts).toEqual([]);
  } finally {
    await server.close();
    await gateway.close();
  }
});

test("S23: with a state folder that cannot be made it starts, enters nothing, and lets a position be closed", async () => {
  const gateway = await startSimulatedGateway({ clock: "real" });
  gateway.control.setPosition("AAPL", "5", "100");
  writeFileSync(join(folder.path, "file"), "");
  const server = await startBuiltServer({
    env: {
      HOME: folder.path,
      TRADING_STATE_DIR: join(folder.path, "file", "state"),
      IBKR_API_BASE_URL: gateway.baseUrl,
      TRADING_DRY_RUN: "false",
    },
  });
  try {
    expect(await server.tools()).toContain("close_position");
    const status = await server.call("session_status");
    expect(status.data.obstacles.join(" ")).toContain("it could not be opened");
    const entry = await server.call("buy", { symbol: "AAPL", cash_amount: 50 });
    expect(entry).toMatchObject({ isError: true, error: { code: "journal_unavailable" } });
    const exit = await server.call("close_position", { symbol: "AAPL" });
    expect(exit.ok).toBe(true);
    expect(JSON.stringify(exit.data)).toContain("unjournaled: no record of the order is on disk");
    expect(gateway.control.state().orders).toHaveLength(1);
  } finally {
    await server.close();
    await gateway.close();
  }
});
