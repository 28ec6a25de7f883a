import { type ChildProcess, spawn } from "node:child_process";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { fileURLToPath } from "node:url";
import { type SimulatedGateway, startSimulatedGateway } from "venue-sim";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { bareEnvironment, startBuiltServer, temporaryFolder } from "../testing/built-server.ts";
import { eventually, PATIENCE_MS } from "../testing/world.ts";

/* The built program, as `npx ibkr-keepalive` runs it, against a simulated gateway in real time. */

const PROGRAM = fileURLToPath(new URL("../../bin/ibkr-keepalive.mjs", import.meta.url));

let gateway: SimulatedGateway;
let folder: ReturnType<typeof temporaryFolder>;
let webhook: { url: string; messages: string[]; close(): Promise<void> } | null = null;
const children: ChildProcess[] = [];
beforeEach(async () => {
  gateway = await startSimulatedGateway({ clock: "real" });
  folder = temporaryFolder();
});
afterEach(async () => {
  for (const child of children.splice(0)) child.kill("SIGKILL");
  await webhook?.close();
  webhook = null;
  await gateway.close();
  folder.remove();
});

const SECRET = "a-topic-that-nobody-guesses";

async function openWebhook(status = 204): Promise<NonNullable<typeof webhook>> {
  const messages: string[] = [];
  const server: Server = createServer((request, response) => {
    let body = "";
    request.setEncoding("utf8").on("data", (text: string) => {
      body += text;
    });
    request.on("end", () => {
      messages.push(JSON.parse(body).content);
      response.writeHead(status).end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  webhook = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/${SECRET}`,
    messages,
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
  return webhook;
}

function start(args: string[], env: Record<string, string> = {}) {
  const child = spawn(process.execPath, [PROGRAM, ...args], {
    env: bareEnvironment({
      HOME: folder.path,
      TRADING_STATE_DIR: folder.path,
      IBKR_API_BASE_URL: gateway.baseUrl,
      TICKLE_INTERVAL_SECONDS: "10",
      ...env,
    }),
    stdio: ["ignore", "pipe", "pipe"],
  });
  children.push(child);
  const run = { child, stdout: "", stderr: "", ended: Promise.resolve<number | null>(null) };
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    run.stdout += text;
  });
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    run.stderr += text;
  });
  run.ended = new Promise((resolve) => child.on("close", (code) => resolve(code)));
  return run;
}

const linesOf = (text: string) =>
  text
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line));

describe("--once, for cron", () => {
  test.each([
    ["ready", 0, /ready {2}The brokerage session is up/],
    ["sso_only", 0, /ready {2}/],
    ["no_login", 1, /no_login .*\n {2}Next: Log in .*browser/],
    ["competed", 1, /competing .*\n {2}Next: Close it there/],
    ["maintenance", 3, /maintenance {2}IBKR's servers are not available/],
  ] as const)("%s ends with %i and says what to do", async (state, code, says) => {
    gateway.control.session.set(state);
    const run = start(["--once", "--json"]);
    expect(await run.ended).toBe(code);
    expect(run.stderr).toMatch(says);
    const [first] = linesOf(run.stdout);
    expect(first).toMatchObject({ event: "state", ready: code === 0, needs_person: code === 1 });
    expect(first.next_step === null).toBe(code === 0);
    const writes = gateway.control.requests({ method: "POST" }).map(({ path }) => path);
    for (const path of writes) expect(path).toMatch(/^(?:tickle|iserver\/auth\/(?:status|ssodh\/init))$/);
  });

  test("the webhook gets one message, and its address is never printed, whatever it answers", async () => {
    const { url, messages } = await openWebhook(404);
    gateway.control.session.set("no_login");
    const run = start(["--once", "--json"], { REAUTH_WEBHOOK_URL: url, LOG_LEVEL: "debug" });
    expect(await run.ended).toBe(1);
    expect(messages).toEqual([expect.stringMatching(/^Nobody is logged in/)]);
    expect(run.stderr).toMatch(/webhook was not delivered: it answered HTTP 404.*REAUTH_WEBHOOK_URL/);
    expect(run.stderr + run.stdout).not.toContain(SECRET);
  });

  test("settings that cannot be used end with 2, and show no secret", async () => {
    const run = start(["--once"], { REAUTH_WEBHOOK_URL: `http://example.org/${SECRET}` });
    expect(await run.ended).toBe(2);
    expect(run.stderr).toMatch(/REAUTH_WEBHOOK_URL takes https/);
    const slow = start(["--once"], { TICKLE_INTERVAL_SECONDS: "3600" });
    expect(await slow.ended).toBe(2);
    expect(slow.stderr).toMatch(/TICKLE_INTERVAL_SECONDS takes a number from 10 to 180/);
    const typo = start(["--onec"]);
    expect(await typo.ended).toBe(2);
    expect(typo.stderr).toMatch(/Unknown flag --onec/);
    expect(run.stderr).not.toContain(SECRET);
  });
});

describe("running until it is stopped", () => {
  test.each(["SIGTERM", "SIGINT", "SIGHUP"] as const)(
    "%s ends it cleanly, in a pause or in a request that is never answered",
    async (signal) => {
      gateway.control.faults.add({ path: "tickle", action: { type: "silence" } });
      const silent = start([]);
      await eventually(() => expect(gateway.control.requests({ path: "tickle" })).toHaveLength(1));
      silent.child.kill(signal);
      expect(await silent.ended).toBe(0);
      expect(silent.stderr).not.toMatch(/no_gateway|maintenance/);
      const pausing = start([]);
      await eventually(() => expect(pausing.stderr).toMatch(/ready/));
      pausing.child.kill(signal);
      expect(await pausing.ended).toBe(0);
      expect(pausing.stdout).toBe("");
      expect(pausing.stderr).toMatch(/^ibkr-keepalive: watching https:\/\/127\.0\.0\.1:\d+ every 10 s/);
    },
    PATIENCE_MS,
  );
});

test(
  "a server keeps its session alive from its first use, and ends at once when its client goes",
  async () => {
    const server = await startBuiltServer({
      env: {
        HOME: folder.path,
        TRADING_STATE_DIR: folder.path,
        IBKR_API_BASE_URL: gateway.baseUrl,
        TICKLE_INTERVAL_SECONDS: "10",
      },
    });
    try {
      expect(gateway.control.requests()).toEqual([]);
      expect((await server.call("session_status")).data.session).toMatchObject({ state: "ready" });
      await eventually(() => expect(gateway.control.requests({ path: "tickle" })).not.toEqual([]));
    } finally {
      const began = performance.now();
      await server.close();
      expect(performance.now() - began).toBeLessThan(5_000);
    }
  },
  PATIENCE_MS,
);
