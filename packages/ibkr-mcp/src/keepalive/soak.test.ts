import { expect, test } from "vitest";
import { startWatched } from "./test-watch.ts";

/* A week of a server's life, from Monday's login to Saturday's midnight, in simulated time. Times are UTC; New York is 5 h behind. */

/** What a person who reads the last state would know. */
interface Evening {
  state: string;
  nextStep: string | null;
}

test("each day of a trading week ends with a session that trades, or with exactly what a person has to do", async () => {
  const { venue, clock, watch } = await startWatched("2026-11-16T14:00:00Z");
  try {
    const server = watch({ TICKLE_INTERVAL_SECONDS: 180 });
    const { session, faults } = venue.gateway.control;
    const evenings: Evening[] = [];
    const evening = (day: string) =>
      clock.at(`${day}T21:00:00Z`, () => {
        const { state = "", nextStep = null } = server.states.at(-1) ?? {};
        evenings.push({ state, nextStep });
      });

    // Monday: the session times out once although it is kept alive.
    clock.at("2026-11-16T18:00:00Z", () => session.set("idle_timeout"));
    evening("2026-11-16");
    // Tuesday: midnight ends the login; somebody logs in before the market opens.
    clock.at("2026-11-17T05:00:00Z", () => session.set("no_login"));
    clock.at("2026-11-17T13:00:00Z", () => session.set("sso_only"));
    evening("2026-11-17");
    // Wednesday: a login right after midnight meets the nightly maintenance; TWS takes the session for an hour.
    clock.at("2026-11-18T05:00:00Z", () => session.set("no_login"));
    clock.at("2026-11-18T05:20:00Z", () => session.set("sso_only"));
    clock.at("2026-11-18T06:00:00Z", () => session.set("maintenance"));
    clock.at("2026-11-18T06:12:00Z", () => session.set("sso_only"));
    clock.at("2026-11-18T15:00:00Z", () => session.set("competed"));
    clock.at("2026-11-18T16:00:00Z", () => session.set("idle_timeout"));
    evening("2026-11-18");
    // Thursday: nobody gets up before ten; too many requests, of whoever; the laptop sleeps for two hours.
    clock.at("2026-11-19T05:00:00Z", () => session.set("no_login"));
    clock.at("2026-11-19T15:00:00Z", () => session.set("sso_only"));
    clock.at("2026-11-19T17:00:00Z", () => void faults.add({ path: "tickle", action: { type: "429" } }));
    clock.at("2026-11-19T18:00:00Z", () => clock.advance(2 * 60 * 60_000));
    evening("2026-11-19");
    // Friday: TWS is opened in the afternoon and left open; in the night the login goes as well.
    clock.at("2026-11-20T05:00:00Z", () => session.set("no_login"));
    clock.at("2026-11-20T13:00:00Z", () => session.set("sso_only"));
    clock.at("2026-11-20T18:00:00Z", () => session.set("competed"));
    evening("2026-11-20");
    clock.at("2026-11-21T05:00:00Z", () => session.set("no_login"));
    clock.at("2026-11-21T06:00:00Z", () => server.watch.stop());

    await server.watch.run();
    await server.watch.settled();

    const ready = { state: "ready", nextStep: null };
    expect(evenings).toEqual([
      ready,
      ready,
      ready,
      ready,
      { state: "competing", nextStep: expect.stringMatching(/Close it there/) },
    ]);
    expect(server.states.at(-1)).toMatchObject({
      state: "login_expired",
      nextStep: expect.stringMatching(/^Log in through the gateway's page/),
    });

    const days = (name: string) => server.states.filter(({ state }) => state === name).length;
    // Midnight is named as such each time, and no other loss of the session is taken for it.
    expect(days("login_expired")).toBe(5);
    expect(days("no_login")).toBe(0);
    expect(days("rate_limited")).toBe(1);
    expect(server.warnings).toEqual([]);
    for (const { ready: up, nextStep } of server.states) expect(up).toBe(nextStep === null);

    // Told: each missing login and each TWS once at least, the lock-out, and every return; never the maintenance.
    const told = (pattern: RegExp) => server.alerts.filter((alert) => pattern.test(alert)).length;
    expect(told(/session is up\. It was not for/)).toBe(6);
    expect(told(/^IBKR has ended the login at midnight/)).toBeGreaterThanOrEqual(5);
    expect(told(/^TWS, /)).toBeGreaterThanOrEqual(2);
    expect(told(/^IBKR has locked/)).toBe(1);
    expect(told(/have not answered/)).toBe(0);
    expect(server.alerts.length).toBeLessThan(40);

    // Nobody was thrown out: force was used only for sessions that had timed out.
    expect(
      venue.gateway.control
        .requests({ path: "ssodh/init" })
        .filter(({ time, body }) => JSON.parse(body).compete === true && isWhileCompeted(time)),
    ).toEqual([]);
    // The budget: about twenty tickles an hour, and nothing for the quarter of an hour after the 429.
    const requests = venue.gateway.control.requests();
    const box = Date.parse("2026-11-19T17:00:00Z");
    const afterBox = requests.filter(({ time }) => time > box + 4 * 60_000 && time < box + 14 * 60_000);
    expect(afterBox).toEqual([]);
    expect(requests.length).toBeLessThan(5 * 24 * 25);
  } finally {
    await venue.close();
  }
}, 60_000);

function isWhileCompeted(time: number): boolean {
  const within = (from: string, to: string) => time >= Date.parse(from) && time < Date.parse(to);
  return (
    within("2026-11-18T15:00:00Z", "2026-11-18T16:00:00Z") ||
    within("2026-11-20T18:00:00Z", "2026-11-21T05:00:00Z")
  );
}
