import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { startBuiltServer, temporaryFolder } from "../testing/built-server.ts";
import { type Bench, checkOf, openBench, runHealthcheck, type Told, troubles } from "./built-healthcheck.ts";
import { CHECK_NAMES } from "./check-names.ts";

/** The built program: its two forms of output, its exit codes, and what it says of a session that is up. */
const ESCAPE = "\u001b";

describe("with a session that is up", () => {
  let bench: Bench;
  beforeEach(async () => {
    bench = await openBench();
  });
  afterEach(() => bench.close());

  test("it is ready, tells every check, and sends no order", async () => {
    const told = await bench.report();
    expect(told).toMatchObject({
      ok: true,
      code: 0,
      verdict: "Ready to trade on paper (dry run on).",
      next_step: expect.stringContaining("TRADING_DRY_RUN=false"),
    });
    expect(told.checks.map(({ name }) => name)).toEqual([...CHECK_NAMES]);
    expect(troubles(told)).toEqual({});
    expect(checkOf(told, "gateway").server_version).toMatch(/^Build /);
    expect(checkOf(told, "account")).toMatchObject({
      account_id: "DU1234567",
      account_type: "PAPER",
      evidence: "isPaper=true, id DU... (paper), type DEMO",
    });
    expect(checkOf(told, "account_flags")).toMatchObject({
      supports_fractions: true,
      supports_cash_amount: true,
    });
    expect(checkOf(told, "balance")).toMatchObject({ net_liquidation: "1000000.00", currency: "USD" });
    expect(checkOf(told, "quote")).toMatchObject({ symbol: "AAPL", delayed: false });
    expect(checkOf(told, "arms")).toMatchObject({ dry_run: true, live_armed: false, read_only: false });
    expect(checkOf(told, "limits")).toMatchObject({ max_order_value: "100", committed_today: "0.00" });
    expect(checkOf(told, "journal")).toMatchObject({
      path: join(bench.folder, "journals", "ibkr-DU1234567-paper.jsonl"),
      records: 0,
      complete: true,
      unresolved: [],
    });
    expect(bench.gateway.control.state().orders).toEqual([]);
    expect(told.ms).toBeLessThan(15_000);
  });

  test("the text fits 100 columns, has no colours in a pipe, and says verdict and next step first", async () => {
    const { code, stdout, stderr } = await bench.run();
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    const lines = stdout.split("\n");
    expect(lines[0]).toBe("Ready to trade on paper (dry run on).");
    expect(lines[1]).toMatch(/^Next: /);
    for (const line of lines) expect(line.length).toBeLessThanOrEqual(100);
    expect(stdout).not.toContain(ESCAPE);
    for (const name of CHECK_NAMES) expect(stdout).toContain(`  ok    ${name.replaceAll("_", " ")}`);
  });

  test("another symbol is quoted; one that nobody knows is not ready, and the flag is named", async () => {
    expect(checkOf(await bench.report(["--symbol", "msft"]), "quote").symbol).toBe("MSFT");
    const unknown = await bench.report(["--symbol", "ZZZZ"]);
    expect(unknown.code).toBe(1);
    expect(unknown.next_step).toContain("--symbol");
  });

  test("with --strict a warning is still ready, and ends with 3", async () => {
    bench.gateway.control.setMarketData("AAPL", "D");
    const told = await bench.report(["--strict"]);
    expect(told).toMatchObject({ ok: true, code: 3 });
    expect(told.verdict).toContain("with a warning");
    expect(checkOf(told, "quote")).toMatchObject({ status: "warn", delayed: true });
  });

  test("no data at all is not ready", async () => {
    bench.gateway.control.setMarketData("AAPL", "N");
    const told = await bench.report();
    expect(told.code).toBe(1);
    expect(checkOf(told, "quote").message).toMatch(/no market data subscription/);
  });

  test("a clock that is five minutes ahead is not ready", async () => {
    bench.gateway.control.faults.add({
      count: Number.POSITIVE_INFINITY,
      action: { type: "clock-skew", milliseconds: -300_000 },
    });
    const told = await bench.report();
    expect(told).toMatchObject({ code: 1, next_step: expect.stringContaining("NTP") });
    expect(checkOf(told, "clock").message).toContain("5 min ahead");
  });

  test("a halted desk is not ready, and says why", async () => {
    writeFileSync(
      join(bench.folder, "ibkr.trading-state.json"),
      JSON.stringify({ state: "HALTED", reason: "the operator said so", since: "2026-11-20T15:00:00Z" }),
    );
    const told = await bench.report();
    expect(told).toMatchObject({ ok: false, code: 1 });
    expect(checkOf(told, "trading_state")).toMatchObject({ status: "fail", state: "HALTED" });
    expect(told.verdict).toContain("the operator said so");
  });

  test("a journal that was tampered with is not ready", async () => {
    mkdirSync(join(bench.folder, "journals"));
    writeFileSync(join(bench.folder, "journals", "ibkr-DU1234567-paper.jsonl"), "not a record\n");
    const told = await bench.report();
    expect(told).toMatchObject({ ok: false, code: 1 });
    expect(checkOf(told, "journal")).toMatchObject({ status: "fail", complete: false });
  });

  test("another account than the configured one", async () => {
    const told = await bench.report([], { IBKR_ACCOUNT_ID: "DU7654321" });
    expect(told).toMatchObject({ ok: false, code: 1, next_step: expect.stringContaining("IBKR_ACCOUNT_ID") });
    expect(checkOf(told, "session").status).toBe("ok");
    expect(checkOf(told, "account")).toMatchObject({ status: "fail", configured_account: "DU7654321" });
  });

  test("limits, lists and the read mode are told as they are set", async () => {
    const told = await bench.report([], {
      MAX_ORDER_VALUE: "250",
      MAX_DAILY_VALUE: "500",
      SYMBOL_ALLOWLIST: "AAPL,MSFT",
      SYMBOL_DENYLIST: "GME",
      TRADING_TOOLS: "read",
    });
    expect(told.verdict).toBe("Ready to read on paper (no order tools).");
    expect(checkOf(told, "limits")).toMatchObject({
      max_order_value: "250",
      max_daily_value: "500",
      remaining_today: "500.00",
      allowlist: ["AAPL", "MSFT"],
      denylist: ["GME"],
    });
    expect(checkOf(told, "limits").message).toMatch(/only AAPL, MSFT; never GME/);
  });
});

describe("real money", () => {
  let bench: Bench;
  beforeEach(async () => {
    bench = await openBench({ live: true });
  });
  afterEach(() => bench.close());

  test("a live account under the paper label is not ready", async () => {
    const told = await bench.report([], { TRADING_DRY_RUN: "false" });
    expect(told).toMatchObject({ ok: false, code: 1 });
    expect(told.verdict).toContain("2 checks failed");
    expect(checkOf(told, "account")).toMatchObject({ status: "fail", account_type: "LIVE" });
    expect(checkOf(told, "arms").status).toBe("fail");
  });

  test("a live account without the arm is not ready, and the arm is named", async () => {
    const told = await bench.report([], { IBKR_TRADING_MODE: "live", TRADING_DRY_RUN: "false" });
    expect(told).toMatchObject({
      ok: false,
      code: 1,
      next_step: expect.stringContaining("TRADING_ALLOW_LIVE"),
    });
    expect(troubles(told)).toEqual({ arms: "fail" });
  });

  test("trying needs no arm, and the next step names the arm along with the dry run", async () => {
    const told = await bench.report([], { IBKR_TRADING_MODE: "live", MAX_DAILY_VALUE: "500" });
    expect(told).toMatchObject({
      ok: true,
      code: 0,
      next_step: expect.stringMatching(/TRADING_ALLOW_LIVE=true and TRADING_DRY_RUN=false/),
    });
    expect(checkOf(told, "arms").message).toContain("live trading not armed");
  });

  test("armed is said loudly, and without a daily limit it is a warning", async () => {
    const told = await bench.report([], {
      IBKR_TRADING_MODE: "live",
      TRADING_ALLOW_LIVE: "true",
      TRADING_DRY_RUN: "false",
    });
    expect(told).toMatchObject({ ok: true, code: 0, next_step: "Set MAX_DAILY_VALUE." });
    expect(told.verdict).toContain("REAL MONEY (dry run off)");
    expect(troubles(told)).toEqual({ limits: "warn" });
  });
});

describe("on the simulator", () => {
  let folder: ReturnType<typeof temporaryFolder>;
  beforeEach(() => {
    folder = temporaryFolder();
  });
  afterEach(() => {
    try {
      process.kill(simulatorPid(), "SIGKILL");
    } catch {
      // It has ended by itself.
    }
    folder.remove();
  });
  const simulatorPid = () =>
    (JSON.parse(readFileSync(join(folder.path, "simulator", "simulator.json"), "utf8")) as { pid: number })
      .pid;

  test("--sim is ready without any configuration, beside a server that trades there", async () => {
    const env = { HOME: folder.path, TRADING_STATE_DIR: folder.path };
    const server = await startBuiltServer({ args: ["--sim"], env });
    try {
      expect((await server.call("buy", { symbol: "AAPL", cash_amount: 30 })).ok).toBe(true);
      const pid = simulatorPid();
      const { code, stdout } = await runHealthcheck(["--sim", "--json"], env);
      const told = JSON.parse(stdout) as Told;
      expect({ code, told }).toMatchObject({
        code: 0,
        told: { ok: true, verdict: "Ready to trade on the simulator (dry run off).", next_step: null },
      });
      expect(simulatorPid()).toBe(pid);
      expect(checkOf(told, "limits").committed_today).not.toBe("0.00");
      expect((await server.call("session_status")).data.can_trade).toBe(true);
    } finally {
      await server.close();
    }
  });
});

describe("what cannot be used ends with 2 and asks nobody", () => {
  let folder: ReturnType<typeof temporaryFolder>;
  beforeEach(() => {
    folder = temporaryFolder();
  });
  afterEach(() => folder.remove());
  const run = (args: string[], env: Record<string, string> = {}) =>
    runHealthcheck(args, { HOME: folder.path, TRADING_STATE_DIR: join(folder.path, "state"), ...env });

  test.each([
    [["--simm"], /Unknown flag --simm/],
    [["now"], /Unknown command "now"/],
    [["--symbol"], /argument missing/],
    [["--symbol", "$AAPL"], /--symbol has to be/],
  ])("%j", async (args, words) => {
    const { code, stdout, stderr } = await run(args);
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(stderr).toMatch(words);
  });

  test("settings that cannot be read, in both forms", async () => {
    const env = { MAX_ORDER_VALUE: "lots", IBKR_TRADING_MODE: "prod" };
    const { code, stdout } = await run(["--json"], env);
    const told = JSON.parse(stdout) as Told;
    expect(code).toBe(2);
    expect(told).toMatchObject({ ok: false, verdict: "Not ready: the settings cannot be used." });
    expect(checkOf(told, "settings").problems).toHaveLength(2);
    expect(checkOf(told, "gateway").status).toBe("skipped");
    const text = await run([], env);
    expect(text.code).toBe(2);
    expect(text.stdout).toMatch(/FAIL {2}settings .*\n? *.*IBKR_TRADING_MODE/);
  });

  test("a state folder that cannot be written", async () => {
    const file = join(folder.path, "file");
    writeFileSync(file, "");
    const { code, stdout } = await run([], { TRADING_STATE_DIR: join(file, "state") });
    expect(code).toBe(2);
    expect(stdout).toMatch(/^Not ready: the state folder .* cannot be used/);
  });

  test("--help tells the exit codes, --version the version", async () => {
    const { code, stdout } = await run(["--help"]);
    expect(code).toBe(0);
    for (const words of ["Usage: ibkr-healthcheck", "--sim", "--json", "--strict", "Ends with:"]) {
      expect(stdout).toContain(words);
    }
    for (const exit of [0, 1, 2, 3]) expect(stdout).toMatch(new RegExp(`^  ${exit}  \\w`, "m"));
    expect((await run(["--version"])).stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
  });
});
