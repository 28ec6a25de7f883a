import { mkdirSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { TestVenue } from "../cpapi/test-venue.ts";
import { type CoarseClock, startWatched, type Watched } from "./test-watch.ts";

const MINUTE = 60_000;

let venue: TestVenue;
let clock: CoarseClock;
let watched: (options?: Parameters<Awaited<ReturnType<typeof startWatched>>["watch"]>[0]) => Watched;
beforeEach(async () => {
  ({ venue, clock, watch: watched } = await startWatched("2026-11-16T15:00:00Z"));
});
afterEach(() => venue.close());

const sent = (path: string) => venue.gateway.control.requests({ path });
const state = () => venue.gateway.control.session.state();

/** Runs a watch until so much simulated time has passed. */
async function runFor({ watch }: Watched, milliseconds: number): Promise<void> {
  clock.at(new Date(clock.now() + milliseconds).toISOString(), () => watch.stop());
  await watch.run();
  await watch.settled();
}

test("an hour in which nobody trades leaves the session up, at one tickle a minute", async () => {
  await runFor(watched(), 60 * MINUTE);
  expect(state()).toBe("ready");
  const tickles = sent("tickle");
  expect(tickles.length).toBeGreaterThanOrEqual(60);
  expect(tickles.length).toBeLessThanOrEqual(72);
});

test("without a keep-alive the same hour ends it: that is what it is for", () => {
  clock.advance(60 * MINUTE);
  expect(state()).toBe("idle_timeout");
});

test("several servers on one gateway: one tickles for all of them", async () => {
  const [first, second, third] = [watched(), watched(), watched()];
  for (let beat = 0; beat < 10; beat += 1) {
    await first.watch.look();
    await second.watch.look();
    await third.watch.look();
    clock.advance(MINUTE);
  }
  expect(sent("tickle")).toHaveLength(10);
  for (const { states, alerts } of [first, second, third]) {
    expect(states.map(({ state }) => state)).toEqual(["ready"]);
    expect(alerts).toEqual([]);
  }
});

test("one that is gone is replaced by another before IBKR's patience ends", async () => {
  await watched().watch.look();
  const second = watched();
  await runFor(second, 10 * MINUTE);
  expect(state()).toBe("ready");
});

test("a single lost request is no news, and is asked again soon", async () => {
  const one = watched();
  await one.watch.look();
  clock.advance(MINUTE);
  venue.gateway.control.faults.add({ path: "tickle", action: { type: "reset" } });
  const before = sent("tickle").length;
  await runFor(one, MINUTE + 20_000);
  expect(one.states.map((each) => each.state)).toEqual(["ready", "maintenance", "ready"]);
  expect(one.alerts).toEqual([]);
  const times = sent("tickle")
    .slice(before)
    .map(({ time }) => time);
  expect((times[1] ?? 0) - (times[0] ?? 0)).toBeLessThanOrEqual(15_000);
});

test("a session without its brokerage part is opened again, by nobody's call", async () => {
  venue.gateway.control.session.set("sso_only");
  const one = watched();
  expect(await one.watch.look()).toMatchObject({ ready: true });
  expect(state()).toBe("ready");
  expect(one.alerts).toEqual([]);
});

test("M13: the user's own TWS keeps its session, is named once, and balances can be read meanwhile", async () => {
  const one = watched();
  await one.watch.look();
  venue.gateway.control.session.set("competed");
  await runFor(one, 25 * MINUTE);
  expect(state()).toBe("competed");
  expect(sent("ssodh/init")).toEqual([]);
  expect(one.alerts).toHaveLength(1);
  expect(one.alerts[0]).toMatch(/TWS.*Close it there/);
  const reader = venue.connect({ clock });
  await reader.session.ensureReadable?.();
  expect(await reader.marketData.accountSummary()).toMatchObject({ accountId: "DU1234567" });
  expect(await reader.marketData.positions()).toMatchObject({ kind: "read" });
});

test("with IBKR_COMPETE the session is taken over, and not fought for every minute", async () => {
  const one = watched({ IBKR_COMPETE: true });
  await one.watch.look();
  let takenByTws = 0;
  for (let minute = 0; minute < 20; minute += 1) {
    if (state() === "ready") {
      venue.gateway.control.session.set("competed");
      takenByTws += 1;
    }
    clock.advance(MINUTE);
    await one.watch.look();
  }
  expect(takenByTws).toBeGreaterThan(1);
  expect(sent("ssodh/init").length).toBeLessThanOrEqual(5);
});

test("somebody who opens TWS between the refusal and the answer to it keeps the session", async () => {
  venue.gateway.control.session.set("idle_timeout");
  // After IBKR has asked for force, the status says that somebody else is there.
  venue.gateway.control.faults.add({
    path: "auth/status",
    from: 2,
    count: 1,
    action: { type: "session-lost", state: "competed" },
  });
  const { session } = venue.connect({ clock });
  await expect(session.ensureReady()).rejects.toMatchObject({ code: "competing_session" });
  expect(sent("ssodh/init").map(({ body }) => JSON.parse(body).compete)).toEqual([false]);
  expect(state()).toBe("competed");
});

test("after a 429 nothing is sent by any of them until IBKR's lock-out ends, which is told with its end", async () => {
  const [one, two] = [watched(), watched()];
  await one.watch.look();
  clock.advance(MINUTE);
  venue.gateway.control.faults.add({ path: "tickle", action: { type: "429" } });
  expect(await one.watch.look()).toMatchObject({ state: "rate_limited", lockedUntil: expect.any(Number) });
  venue.gateway.control.clearRequests();
  const until = clock.now() + 15 * MINUTE;
  while (clock.now() < until - MINUTE) {
    clock.advance(MINUTE);
    expect(await one.watch.look()).toMatchObject({ state: "rate_limited" });
    expect(await two.watch.look()).toMatchObject({ state: "rate_limited" });
  }
  expect(venue.gateway.control.requests()).toEqual([]);
  await one.watch.settled();
  await two.watch.settled();
  expect([...one.alerts, ...two.alerts]).toEqual([
    expect.stringMatching(/locked this machine out.*It ends at 2026-11-16T15:1\d:/),
  ]);
  clock.advance(2 * MINUTE);
  expect(await one.watch.look()).toMatchObject({ ready: true });
});

test("a login that is refused is not hammered with new sessions", async () => {
  venue.gateway.control.session.set("sso_only");
  venue.gateway.control.faults.add({
    path: "ssodh/init",
    count: Number.POSITIVE_INFINITY,
    action: { type: "status", status: 500, body: '{"error":"failed to generate sso dh token"}' },
  });
  const one = watched();
  await runFor(one, 120 * MINUTE);
  expect(sent("ssodh/init").length).toBeGreaterThan(3);
  expect(sent("ssodh/init").length).toBeLessThanOrEqual(9);
  expect(one.alerts.length).toBeGreaterThanOrEqual(1);
});

test("an outage is told once by two servers and a keep-alive, and so is its end", async () => {
  const [one, two] = [watched(), watched()];
  await one.watch.look();
  venue.gateway.control.session.set("no_login");
  for (let minute = 0; minute < 6; minute += 1) {
    clock.advance(MINUTE);
    await one.watch.look();
    await two.watch.look();
  }
  venue.gateway.control.session.set("ready");
  clock.advance(MINUTE);
  await two.watch.look();
  await one.watch.look();
  await Promise.all([one.watch.settled(), two.watch.settled()]);
  expect([...one.alerts, ...two.alerts]).toEqual([
    expect.stringMatching(/^Nobody is logged in/),
    expect.stringMatching(/^The IBKR session is up\. It was not for \d min\.$/),
  ]);
});

test("a job that cron starts every five minutes does not alert every five minutes", async () => {
  venue.gateway.control.session.set("no_login");
  const told: string[] = [];
  for (let run = 0; run < 12; run += 1) {
    const { watch, alerts } = watched({ once: true });
    await watch.look();
    await watch.settled();
    told.push(...alerts);
    clock.advance(5 * MINUTE);
  }
  expect(told).toEqual([
    expect.stringMatching(/^Nobody is logged in/),
    expect.stringMatching(/has not been up for 30 min/),
  ]);
});

test("what ends a pause ends the watch: nothing is sent after stop", async () => {
  const one = watched();
  const running = one.watch.run();
  one.watch.stop();
  await running;
  expect(venue.gateway.control.requests()).toEqual([]);
});

test("what cannot be written to the state folder is still told, and once", async () => {
  const one = watched();
  await one.watch.look();
  venue.gateway.control.session.set("no_login");
  const [gateway = ""] = readdirSync(join(venue.stateDir, "gateways"));
  for (const name of ["outage.json", "outage.lock"]) {
    rmSync(join(venue.stateDir, "gateways", gateway, name), { force: true });
    mkdirSync(join(venue.stateDir, "gateways", gateway, name));
  }
  for (let minute = 0; minute < 5; minute += 1) {
    clock.advance(MINUTE);
    await one.watch.look();
  }
  await one.watch.settled();
  expect(one.alerts).toHaveLength(1);
});
