import type { SimulatedGateway, SimulatedGatewayOptions } from "venue-sim";
import { afterEach, describe, expect, test } from "vitest";
import { type Bench, checkOf, openBench, troubles } from "./built-healthcheck.ts";

/** What the built program says of a gateway and its session in every state that they can be in. */
let bench: Bench | null = null;
afterEach(async () => {
  const last = bench;
  bench = null;
  await last?.close();
});

async function open(options: SimulatedGatewayOptions = {}): Promise<Bench> {
  bench = await openBench(options);
  return bench;
}

const SKIPPED_WITHOUT_SESSION = { account: "skipped", account_flags: "skipped", quote: "skipped" };
const WITHOUT_PORTFOLIO = { ...SKIPPED_WITHOUT_SESSION, balance: "skipped" };

describe("a session that is not up is a sentence and a next step", () => {
  test.each<
    [string, SimulatedGatewayOptions, { state: string; says: RegExp; next: RegExp; skipped: object }]
  >([
    [
      "no_login",
      { session: "no_login" },
      { state: "no_login", says: /no browser login/, next: /Log in .*https:/, skipped: WITHOUT_PORTFOLIO },
    ],
    [
      "logged_out",
      { session: "logged_out" },
      { state: "no_login", says: /no browser login/, next: /Log in .*https:/, skipped: WITHOUT_PORTFOLIO },
    ],
    [
      "sso_only",
      { session: "sso_only" },
      {
        state: "no_brokerage_session",
        says: /brokerage session is down/,
        next: /opens it again.*log in/,
        skipped: SKIPPED_WITHOUT_SESSION,
      },
    ],
    [
      "idle_timeout",
      { session: "idle_timeout" },
      {
        state: "idle",
        says: /brokerage session is down: .* six minutes/,
        next: /opens it again/,
        skipped: SKIPPED_WITHOUT_SESSION,
      },
    ],
    [
      "competed",
      { session: "competed" },
      {
        state: "competing",
        says: /Another platform/,
        next: /Close it there.*IBKR_COMPETE/,
        skipped: SKIPPED_WITHOUT_SESSION,
      },
    ],
    [
      "maintenance",
      { session: "maintenance" },
      {
        state: "maintenance",
        says: /IBKR's servers are not available/,
        next: /few minutes/,
        skipped: WITHOUT_PORTFOLIO,
      },
    ],
  ])("%s", async (_state, options, { state, says, next, skipped }) => {
    const told = await (await open(options)).report();
    expect(told).toMatchObject({ ok: false, code: 1 });
    expect(told.verdict).toMatch(/^Not ready: /);
    expect(told.next_step).toMatch(next);
    expect(checkOf(told, "session")).toMatchObject({ status: "fail", state });
    expect(checkOf(told, "session").message).toMatch(says);
    expect(troubles(told)).toEqual({ session: "fail", journal: "skipped", ...skipped });
  });

  test("bridging", async () => {
    const { gateway, report } = await open({ timings: { bridgeTime: 60_000 } });
    gateway.control.session.set("bridging");
    const told = await report();
    expect(told).toMatchObject({ ok: false, code: 1, next_step: expect.stringContaining("few seconds") });
    expect(checkOf(told, "session")).toMatchObject({ status: "fail", state: "bridging" });
  });
});

describe("a gateway that does not answer as one is told from a session that is down", () => {
  const always = (action: Parameters<SimulatedGateway["control"]["faults"]["add"]>[0]["action"]) => ({
    count: Number.POSITIVE_INFINITY,
    action,
  });

  test("no gateway: no stack trace, the address and what to start", async () => {
    const { run } = await open();
    const { code, stdout, stderr } = await run([], { IBKR_API_BASE_URL: "https://127.0.0.1:1/v1/api" });
    expect(code).toBe(1);
    expect(stderr).toBe("");
    expect(stdout).toMatch(
      /^Not ready: no gateway can be reached at https:\/\/127\.0\.0\.1:1\.\nNext: Start /,
    );
    expect(stdout).not.toMatch(/\bat .*\.(?:js|ts):\d+/);
    expect(stdout).toMatch(/market hours +(?:Open|Closed).* NYSE calendar/);
  });

  test.each([
    ["403 from something else on the port", always({ type: "status", status: 403, body: "" }), "blocked"],
    ["an empty answer", always({ type: "empty-200" }), "blocked"],
    ["a reset", always({ type: "reset" }), "maintenance"],
    ["a 429", { ...always({ type: "429" }), path: "auth/status" }, "rate_limited"],
  ])("%s", async (_what, fault, state) => {
    const { gateway, report } = await open();
    gateway.control.faults.add(fault);
    const told = await report();
    expect(told).toMatchObject({ ok: false, code: 1 });
    expect(checkOf(told, "gateway")).toMatchObject({ status: "fail", state });
    expect(checkOf(told, "gateway").next_step).toBeTruthy();
    expect(checkOf(told, "session").status).toBe("skipped");
  });

  test("while IBKR has locked the machine out, not one request is made", async () => {
    const { gateway, report } = await open();
    gateway.control.faults.add({ path: "auth/status", action: { type: "429" } });
    await report();
    gateway.control.clearRequests();
    const told = await report();
    expect(checkOf(told, "gateway")).toMatchObject({
      status: "fail",
      state: "rate_limited",
      locked_until: expect.any(String),
    });
    expect(gateway.control.requests()).toEqual([]);
  });

  test("silence ends in time", async () => {
    const { gateway, report } = await open();
    gateway.control.faults.add(always({ type: "silence" }));
    const told = await report([], { REQUEST_TIMEOUT_SECONDS: "1" });
    expect(told).toMatchObject({ code: 1 });
    expect(checkOf(told, "gateway").message).toMatch(/gives no answer/);
    expect(told.ms).toBeLessThan(10_000);
  });
});

describe("--revive opens the session as the server would", () => {
  test.each(["sso_only", "idle_timeout"] as const)(
    "%s: it is, and everything is then asked",
    async (session) => {
      const { gateway, report } = await open({ session });
      const told = await report(["--revive"]);
      expect(told).toMatchObject({ ok: true, code: 0 });
      expect(gateway.control.session.state()).toBe("ready");
    },
  );

  test("without it nothing is opened", async () => {
    const { gateway, report } = await open({ session: "sso_only" });
    await report();
    expect(gateway.control.session.state()).toBe("sso_only");
    expect(gateway.control.requests({ path: "ssodh/init" })).toEqual([]);
  });

  test("a session that another platform holds is left to it, and that is said", async () => {
    const { gateway, report } = await open({ session: "competed" });
    const told = await report(["--revive"]);
    expect(checkOf(told, "session")).toMatchObject({ status: "fail", state: "competing" });
    expect(told.next_step).toMatch(/Close it there/);
    expect(gateway.control.session.state()).toBe("competed");
  });

  test("one that cannot be opened tells what the attempt met", async () => {
    const { report } = await open({ session: "maintenance" });
    const told = await report(["--revive"]);
    expect(checkOf(told, "session")).toMatchObject({ status: "fail", state: "maintenance" });
  });
});
