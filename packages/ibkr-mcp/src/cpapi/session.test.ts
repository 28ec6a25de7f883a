import { afterEach, beforeEach, expect, test } from "vitest";
import { proveIdentity, readAccounts } from "./identity.ts";
import { startVenue, type TestVenue } from "./test-venue.ts";

let venue: TestVenue;
beforeEach(async () => {
  venue = await startVenue();
});
afterEach(() => venue.close());

const paths = (filter = {}) => venue.gateway.control.requests(filter).map(({ path }) => path);

test("a session that is up is primed once, and a warm call costs nothing", async () => {
  const { session } = venue.connect();
  await session.ensureReady();
  const first = paths();
  expect(first).toEqual(["iserver/auth/status", "iserver/accounts"]);
  await session.ensureReady();
  expect(paths()).toEqual(first);
  expect(await session.status()).toMatchObject({ ready: true, state: "ready", nextStep: null });
});

test("many calls at once ask the venue once", async () => {
  const { session } = venue.connect();
  await Promise.all(Array.from({ length: 5 }, () => session.ensureReady()));
  expect(paths({ path: "auth/status" })).toHaveLength(1);
});

test("a lost brokerage session is opened again, without throwing anybody out, and primed again", async () => {
  venue.gateway.control.session.set("sso_only");
  const { session } = venue.connect();
  expect(await session.status()).toMatchObject({ ready: false, state: "no_brokerage_session" });
  await session.ensureReady();
  const init = venue.gateway.control.requests({ path: "ssodh/init" });
  expect(init.map(({ body }) => JSON.parse(body))).toEqual([{ publish: true, compete: false }]);
  expect(venue.gateway.control.session.state()).toBe("ready");
  expect(paths().at(-1)).toBe("iserver/accounts");
});

test("M13: a session that TWS holds is left to it: competing_session, and no init", async () => {
  venue.gateway.control.session.set("competed");
  const { session } = venue.connect();
  expect(await session.status()).toMatchObject({ ready: false, state: "competing" });
  await expect(session.ensureReady()).rejects.toMatchObject({ code: "competing_session" });
  expect(paths({ path: "ssodh/init" })).toEqual([]);
  expect(venue.gateway.control.session.state()).toBe("competed");
});

test("with compete set the operator takes the session over", async () => {
  venue.gateway.control.session.set("competed");
  const { session } = venue.connect({ compete: true });
  await session.ensureReady();
  expect(JSON.parse(venue.gateway.control.requests({ path: "ssodh/init" })[0]?.body ?? "")).toMatchObject({
    compete: true,
  });
  expect(venue.gateway.control.session.state()).toBe("ready");
});

test("a session that merely timed out is opened again, by force only where nobody else holds it", async () => {
  venue.gateway.control.session.set("idle_timeout");
  const { session } = venue.connect();
  await session.ensureReady();
  const inits = venue.gateway.control.requests({ path: "ssodh/init" });
  expect(inits.map(({ body }) => JSON.parse(body).compete)).toEqual([false, true]);
  expect(venue.gateway.control.session.state()).toBe("ready");
});

test("a session that does not open is not asked for in a loop", async () => {
  venue.gateway.control.session.set("idle_timeout");
  venue.gateway.control.faults.add({
    path: "ssodh/init",
    count: Number.POSITIVE_INFINITY,
    action: { type: "error-200", error: "failed to generate sso dh token" },
  });
  const { session } = venue.connect();
  await expect(session.ensureReady()).rejects.toMatchObject({ code: expect.any(String) });
  const asked = paths({ path: "ssodh/init" }).length;
  await expect(session.ensureReady()).rejects.toMatchObject({ nextStep: expect.any(String) });
  expect(paths({ path: "ssodh/init" })).toHaveLength(asked);
});

test.each([
  ["no_login", "no_login", "not_logged_in"],
  ["maintenance", "maintenance", "upstream_unavailable"],
] as const)("%s is a state with a next step, not a crash", async (forced, state, code) => {
  venue.gateway.control.session.set(forced);
  const { session } = venue.connect();
  const status = await session.status();
  // auth/status itself goes on answering while the brokerage side is under maintenance.
  expect([state, "no_brokerage_session"]).toContain(status.state);
  expect(status.nextStep).toBeTruthy();
  await expect(session.ensureReady()).rejects.toMatchObject({ code });
});

test("no gateway at all is a state too", async () => {
  const { session } = venue.connect({ baseUrl: "https://127.0.0.1:1", ca: undefined });
  expect(await session.status()).toMatchObject({
    ready: false,
    state: "no_gateway",
    nextStep: expect.stringContaining("Start"),
  });
});

test("L32: the account and paper are the venue's word, with the evidence", async () => {
  const { session } = venue.connect();
  const identity = await session.identity();
  expect(identity).toEqual({
    accountId: "DU1234567",
    isPaper: true,
    evidence: "isPaper=true, id DU... (paper), type DEMO",
  });
  expect(await session.flags()).toEqual({ supportsFractions: true, supportsCashAmount: true });
});

test("a live login is proven to be live", async () => {
  await venue.close();
  venue = await startVenue({ live: true });
  const identity = await venue.connect().session.identity();
  expect(identity).toMatchObject({ accountId: "U1234567", isPaper: false });
});

test.each(["yes", 2, "1", {}, null])(
  "L33: isPaper %j counts as silence; id and type still prove paper",
  async (value) => {
    venue.gateway.control.configure({ identity: { isPaper: value } });
    expect(await venue.connect().session.identity()).toMatchObject({ isPaper: true });
    venue.gateway.control.configure({ identity: { isPaper: false } });
    expect(await venue.connect().session.identity()).toMatchObject({
      isPaper: null,
      evidence: expect.stringContaining("contradicts"),
    });
  },
);

test("identity is proven by two witnesses at least, and by none against", () => {
  const said = (id: string, isPaper: boolean | null, type: string | null) =>
    proveIdentity(id, { isPaper, type }).isPaper;
  expect(said("DU1", true, null)).toBe(true);
  expect(said("DF1", null, "DEMO")).toBe(true);
  expect(said("U1", false, null)).toBe(false);
  expect(said("U1", null, "INDIVIDUAL")).toBe(false);
  expect(said("DU1", null, null)).toBeNull();
  expect(said("X1", true, null)).toBeNull();
  expect(said("U1", true, null)).toBeNull();
  expect(said("U1", false, "DEMO")).toBeNull();
  expect(said("DU1", false, "DEMO")).toBeNull();
});

test("M26: with several accounts and none configured the server asks, and it never guesses", async () => {
  await venue.close();
  venue = await startVenue({ accounts: [{ id: "DU1" }, { id: "DU2" }] });
  await expect(venue.connect().session.ensureReady()).rejects.toMatchObject({ code: "account_ambiguous" });
  await expect(venue.connect({ accountId: "DU9" }).session.ensureReady()).rejects.toMatchObject({
    code: "account_not_found",
  });
  expect(() => venue.connect({ accountId: "DU2/orders" })).toThrow(/account id/);
  expect(paths({ path: /^iserver\/account$/ })).toEqual([]);

  const second = venue.connect({ accountId: "DU2" });
  await second.session.ensureReady();
  expect(venue.gateway.control.requests({ path: /^iserver\/account$/ }).map(({ body }) => body)).toEqual([
    '{"acctId":"DU2"}',
  ]);
  expect(await second.session.identity()).toMatchObject({ accountId: "DU2" });
});

test("a login that lapses is noticed with the first refused call, not five seconds later", async () => {
  const { session, marketData } = venue.connect();
  await session.ensureReady();
  venue.gateway.control.session.set("no_login");
  expect(await marketData.positions()).toMatchObject({ kind: "unread" });
  await expect(session.ensureReady()).rejects.toMatchObject({ code: "not_logged_in" });
});

test("an unprimed session is primed on the way, and the read goes on", async () => {
  const { session, broker } = venue.connect();
  await session.ensureReady();
  venue.gateway.control.session.set("ready");
  expect(await broker.orders()).toMatchObject({ kind: "read", value: [] });
});

test("an account list with an id that is none is not a list", () => {
  expect(readAccounts({ accounts: ["DU1", "a/b"] })).toBeNull();
  expect(readAccounts({ accounts: {} })).toBeNull();
  expect(readAccounts(null)).toBeNull();
});

test("a brokerage session that is still being set up is waited for, and named bridging", async () => {
  venue.gateway.control.session.set("bridging");
  const { session } = venue.connect();
  expect(await session.status()).toMatchObject({ ready: false, state: "bridging" });
  await session.ensureReady();
  expect(paths({ path: "ssodh/init" })).toEqual([]);
  expect(await session.status()).toMatchObject({ ready: true });
});

test("another account that was selected meanwhile makes the lists unread, not empty", async () => {
  await venue.close();
  venue = await startVenue({ accounts: [{ id: "DU1" }, { id: "DU2" }] });
  const mine = venue.connect({ accountId: "DU1" });
  await mine.session.ensureReady();
  await venue.connect({ accountId: "DU2" }).session.ensureReady();
  venue.gateway.control.advance(4000);
  expect(await mine.broker.orders()).toMatchObject({
    kind: "unread",
    reason: expect.stringContaining("DU1"),
  });
  await mine.session.ensureReady();
  expect(await mine.broker.orders()).toMatchObject({ kind: "read" });
});

test("a portfolio that is out leaves identity to the other two witnesses", async () => {
  venue.gateway.control.faults.add({ path: "portfolio/accounts", count: 9, action: { type: "503-before" } });
  expect(await venue.connect().session.identity()).toMatchObject({
    isPaper: true,
    evidence: expect.stringContaining("type not read"),
  });
});

test("closing twice is closing once", async () => {
  const cpapi = venue.connect();
  await cpapi.session.ensureReady();
  await Promise.all([cpapi.close(), cpapi.session.close()]);
});

test("what was ready a moment ago is refused with the time after a 429, and nothing more is asked", async () => {
  const cpapi = venue.connect();
  await cpapi.session.ensureReady();
  venue.gateway.control.faults.add({ path: "iserver/marketdata", action: { type: "429" } });
  const instrument = await cpapi.marketData.resolve("AAPL");
  await cpapi.marketData.quotes([instrument]);
  venue.gateway.control.clearRequests();
  await expect(cpapi.session.ensureReady()).rejects.toMatchObject({
    code: "rate_limited",
    message: expect.stringMatching(/until \d{4}-/),
  });
  expect(venue.gateway.control.requests()).toEqual([]);
});
