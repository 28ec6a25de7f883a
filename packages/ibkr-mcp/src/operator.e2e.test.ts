import { spawn, spawnSync } from "node:child_process";
import { readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { openJournal } from "trading-core/journal/journal";
import { stateFolderPrefix } from "trading-core/journal/journals";
import { systemClock } from "trading-core/ports/clock";
import { type SimulatedGateway, startSimulatedGateway } from "venue-sim";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  type BuiltServer,
  bareEnvironment,
  SERVER,
  startBuiltServer,
  temporaryFolder,
} from "./testing/built-server.ts";
import { NO_GATEWAY, tradingOn } from "./testing/raw-server.ts";
import { PATIENCE_MS } from "./testing/world.ts";

/** The operator's commands as they are typed, beside a built server that is trading on a simulated gateway. */
const folder = temporaryFolder();
let gateway: SimulatedGateway;
let server: BuiltServer;
const JOURNAL = join(folder.path, "journals", "ibkr-DU1234567-paper.jsonl");
/** The commands that need no gateway are given none. */
const offline = tradingOn(NO_GATEWAY, folder.path);

beforeAll(async () => {
  gateway = await startSimulatedGateway({ clock: "real" });
  gateway.control.setPrice("AAPL", { last: 250 });
  // The same small entry is asked for again and again, and is meant each time.
  const env = { ...tradingOn(gateway.baseUrl, folder.path), DUPLICATE_WINDOW_SECONDS: "0" };
  server = await startBuiltServer({ env });
});
afterAll(async () => {
  await server.close();
  await gateway.close();
  folder.remove();
});

interface Ended {
  code: number | null;
  out: string;
  err: string;
}

function run(args: string[], input = ""): Ended {
  const env = bareEnvironment(offline);
  const { status, stdout, stderr } = spawnSync(process.execPath, [SERVER, ...args], {
    env,
    input,
    encoding: "utf8",
  });
  return { code: status, out: stdout, err: stderr };
}

const hasTerminal = spawnSync("script", ["-qec", "true", "/dev/null"]).status === 0;

/** Runs a command at a terminal of its own, and types a line once it is asked to. */
async function atTerminal(args: string[], typed: string, env = offline): Promise<Ended> {
  const command = [process.execPath, SERVER, ...args].map((word) => `'${word}'`).join(" ");
  const child = spawn("script", ["-qec", command, "/dev/null"], { env: bareEnvironment(env) });
  let out = "";
  let isAsked = false;
  child.stdout.on("data", (chunk) => {
    out += String(chunk);
    if (isAsked || !out.includes("anything else to leave it")) return;
    isAsked = true;
    child.stdin.write(`${typed}\n`);
  });
  const code = await new Promise<number | null>((resolve) => child.once("close", resolve));
  return { code, out, err: "" };
}

const entry = () => server.call("buy", { symbol: "AAPL", cash_amount: 10 });
const records = () =>
  readFileSync(JOURNAL, "utf8")
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));
const lastSwitch = () => records().findLast((each) => each.kind === "switch");

let bought: { order_id: string; client_order_id: string };

describe("halt and resume", () => {
  test("S30: halt needs no gateway, and a running server obeys at its next decision", async () => {
    const first = await entry();
    expect(first).toMatchObject({ ok: true });
    bought = first.data;
    const halted = run(["halt", "--reason", "=odd\u202e prices"]);
    expect(halted).toMatchObject({ code: 0, err: "" });
    expect(halted.out).toContain("REDUCING now (it was ACTIVE)");
    expect(await entry()).toMatchObject({ ok: false, error: { code: "trading_reducing" } });
    expect(lastSwitch()).toMatchObject({
      state: "REDUCING",
      before: "ACTIVE",
      origin: "operator",
      reason: "=odd prices",
    });
    expect(lastSwitch().user).toMatch(/\S/);
  });

  test("S30: an agent tightens it further, and nothing that it can call loosens it", async () => {
    const { data } = await server.call("halt_trading", { stop_exits: true, cancel_working: true });
    expect(data).toMatchObject({ state: "HALTED", before: "REDUCING", complete: true });
    expect(run(["halt"]).out).toContain("was HALTED already");
    expect(await server.call("sell", { symbol: "AAPL", quantity: "0.01" })).toMatchObject({
      error: { code: "trading_halted" },
    });
  });

  test("S32: in read mode halt_trading is there, and cancels nothing", async () => {
    const env = { ...tradingOn(gateway.baseUrl, folder.path), TRADING_TOOLS: "read" };
    const reader = await startBuiltServer({ env });
    expect(await reader.tools()).toContain("halt_trading");
    const { data } = await reader.call("halt_trading", { cancel_working: true });
    expect(data).toMatchObject({ state: "HALTED", changed: false, complete: false });
    expect(data.unread.join()).toContain("only reads");
    await reader.close();
  });

  test.each(["", "resume DU1234567\n", "yes\n"])(
    "resume from a pipe is refused, whatever it says: %j",
    (input) => {
      const refused = run(["resume"], input);
      expect(refused.code).toBe(2);
      expect(refused.err).toContain("wants a person at a terminal");
      expect(lastSwitch().state).toBe("HALTED");
    },
  );

  test.skipIf(!hasTerminal)("resume at a terminal wants what it shows, typed", async () => {
    const refused = await atTerminal(["resume"], "resume");
    expect(refused.code).toBe(2);
    expect(refused.out).toContain("Not confirmed. Nothing was changed.");
    expect((await entry()).error.code).toBe("trading_halted");

    const resumed = await atTerminal(["resume"], "resume DU1234567");
    expect(resumed).toMatchObject({ code: 0 });
    expect(lastSwitch()).toMatchObject({ state: "ACTIVE", before: "HALTED", origin: "operator" });
    expect(await entry()).toMatchObject({ ok: true });
  });
});

describe("journal: on a journal that a server has open, without a gateway", () => {
  test("verify says that it is whole", () => {
    const before = statSync(JOURNAL);
    const { code, out } = run(["journal", "verify"]);
    expect(code).toBe(0);
    expect(out).toMatch(new RegExp(`^${JOURNAL}: \\d+ records, .*\\nOK: every record`));
    expect(statSync(JOURNAL)).toMatchObject({ size: before.size, mtimeMs: before.mtimeMs });
  });

  test("verify tells the first break of a copy that was edited, with its line", () => {
    const copy = join(folder.path, "copy.jsonl");
    writeFileSync(copy, readFileSync(JOURNAL, "utf8").replace('"worstCase":"10"', '"worstCase":"1"'));
    const { code, out } = run(["journal", "verify", copy]);
    expect(code).toBe(1);
    expect(out).toMatch(/BROKEN at line \d+: .*\n {2}It means: record \d+ was changed after it was written/);
    expect(run(["journal", "verify", join(folder.path, "none.jsonl")]).code).toBe(1);
  });

  test("show tells an order's life by either id", () => {
    const { code, out } = run(["journal", "show", bought.client_order_id]);
    expect(code).toBe(0);
    for (const step of [
      /Intent, as an entry, worth at most 10 USD: BUY 10 USD of AAPL/,
      /It was sent/,
      /took it/,
    ])
      expect(out).toMatch(step);
    expect(run(["journal", "show", bought.order_id]).out.replace(bought.order_id, "")).toContain("Intent");
    expect(run(["journal", "show", "nobody"])).toMatchObject({ code: 1, out: "" });
  });

  test("export writes a table, into a new file only", () => {
    const { code, out } = run(["journal", "export", "--csv"]);
    expect(code).toBe(0);
    const [header, first] = out.split("\r\n");
    expect(header).toMatch(/^row,venue,account,mode,at,client_order_id,/);
    expect(first).toContain(`,${bought.client_order_id},${bought.order_id},AAPL,USD,BUY,market,`);
    const file = join(folder.path, "orders.csv");
    expect(run(["journal", "export", "--csv", "--out", file]).code).toBe(0);
    expect(readFileSync(file, "utf8")).toBe(out);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(run(["journal", "export", "--csv", "--out", JOURNAL])).toMatchObject({ code: 1, out: "" });
    expect(run(["journal", "verify"]).code).toBe(0);
  });
});

describe("resolve", () => {
  const lost = () => `${stateFolderPrefix(folder.path)}00000000000001`;

  /** An order of a server that is gone, sent ten minutes ago, whose answer was lost. */
  beforeAll(async () => {
    const ago = { ...systemClock, now: () => Date.now() - 600_000 };
    const identity = { venue: "ibkr", account: "DU1234567", mode: "paper" };
    const journal = openJournal(JOURNAL, identity, ago, { pid: 1, started: 1, boot: "an earlier one" });
    const clientOrderId = lost();
    await journal.locked(5_000, (append) => {
      append({
        kind: "intent",
        clientOrderId,
        order: {
          instrumentId: "265598",
          symbol: "AAPL",
          currency: "USD",
          side: "BUY",
          orderType: "limit",
          quantity: "0.1",
          cashAmount: null,
          limitPrice: "200",
          stopPrice: null,
          timeInForce: "GTC",
        },
        exit: false,
        worstCase: "20",
        riskCurrency: "USD",
        checks: [],
        planId: null,
      });
      append({ kind: "dispatch", clientOrderId });
      const outcome = { outcome: "unknown" as const, status: "unknown" as const, reason: "lost" };
      const nothing = { orderId: null, filledQuantity: null, averagePrice: null, exchanges: [] };
      append({ kind: "outcome", clientOrderId, ...outcome, ...nothing });
    });
    journal.close();
  });

  test("S16: wants a terminal before it asks anybody anything", () => {
    const refused = run(["resolve", lost(), "--as", "not-placed"], `not-placed ${lost()}\n`);
    expect(refused.code).toBe(2);
    expect(refused.err).toContain("wants a person at a terminal");
    expect(run(["resolve", lost(), "--as", "gone"]).code).toBe(2);
    for (const [flags, said] of [
      [["--as", "placed", "--filled", "1e3"], "a plain number greater than 0 for --filled"],
      [["--as", "placed", "--filled", "0"], "a plain number greater than 0 for --filled"],
      [["--as", "placed", "--price", "200"], "--price with --filled only"],
      [["--as", "not-placed", "--filled", "1"], "--filled with --as placed only"],
    ] as const) {
      const unusable = run(["resolve", lost(), ...flags]);
      expect(unusable.code).toBe(2);
      expect(unusable.err).toContain(said);
    }
  });

  test.skipIf(!hasTerminal)("S16: without a gateway nothing is declared", async () => {
    const failed = await atTerminal(["resolve", lost(), "--as", "not-placed"], `not-placed ${lost()}`);
    expect(failed.code).toBe(1);
    expect(records().filter((each) => each.kind === "operator")).toEqual([]);
  });

  test.skipIf(!hasTerminal)(
    "S16: the venue is read, the person types, the block is gone",
    async () => {
      const online = tradingOn(gateway.baseUrl, folder.path);
      const blocked = await entry();
      expect(blocked).toMatchObject({ ok: false, error: { code: "unresolved_order" } });
      const done = await atTerminal(
        ["resolve", lost(), "--as", "not-placed"],
        `not-placed ${lost()}`,
        online,
      );
      expect(done.out).toContain("none of them is this order");
      expect(done.code).toBe(0);
      expect(records().findLast((each) => each.kind === "operator")).toMatchObject({
        clientOrderId: lost(),
        as: "not_placed",
      });
      expect((await server.call("session_status")).data.unresolved).toEqual([]);
      expect(run(["journal", "show", lost()]).out).toContain("declared it not placed");
      expect(await entry()).toMatchObject({ ok: true });
    },
    PATIENCE_MS,
  );

  test.skipIf(!hasTerminal)(
    "S16: it is declared anew with what was filled, while the server runs on",
    async () => {
      const flags = ["--as", "placed", "--filled", "0.05", "--price", "200"];
      const typed = `placed filled 0.05 at 200 ${lost()}`;
      const online = tradingOn(gateway.baseUrl, folder.path);
      const done = await atTerminal(["resolve", lost(), ...flags], typed, online);
      expect(done.out).toContain("0.05 count as filled today at 200, and the rest is freed");
      expect(done.code).toBe(0);
      const said = { clientOrderId: lost(), as: "placed", filled: "0.05", price: "200" };
      expect(records().findLast((each) => each.kind === "operator")).toMatchObject(said);
      const { data } = await server.call("order_status", { order_id: lost() });
      expect(data).toMatchObject({ status: "cancelled", filled_quantity: "0.05", average_price: "200" });
      expect(run(["journal", "show", lost()]).out).toContain("placed and over, with 0.05 filled at 200");
    },
    PATIENCE_MS,
  );
});

describe("journal accept", () => {
  const away = temporaryFolder();
  const path = join(away.path, "journals", "ibkr-DU1234567-paper.jsonl");
  const env = { ...tradingOn(NO_GATEWAY, away.path), IBKR_ACCOUNT_ID: "DU1234567" };
  afterAll(() => away.remove());

  /** A journal whose last record was cut off while no server ran. */
  async function cutJournal(): Promise<void> {
    const identity = { venue: "ibkr", account: "DU1234567", mode: "paper" };
    const journal = openJournal(path, identity, systemClock);
    for (const id of ["a", "b"]) {
      await journal.locked(1_000, (append) => append({ kind: "dispatch", clientOrderId: id }));
    }
    journal.close();
    const lines = readFileSync(path, "utf8").trim().split("\n");
    writeFileSync(path, `${lines.slice(0, -1).join("\n")}\n`);
  }

  test("S35: wants a terminal, and the words that it shows", async () => {
    await cutJournal();
    const { status, stderr } = spawnSync(process.execPath, [SERVER, "journal", "accept"], {
      env: bareEnvironment(env),
      input: "accept DU1234567\n",
      encoding: "utf8",
    });
    expect(status).toBe(2);
    expect(stderr).toContain("wants a person at a terminal");
    if (!hasTerminal) return;
    expect((await atTerminal(["journal", "accept"], "yes", env)).code).toBe(2);
    expect(readFileSync(path, "utf8")).not.toContain("accepted");
  });

  test.skipIf(!hasTerminal)("S35: a cut journal is accepted by name, once", async () => {
    const { code, out } = await atTerminal(["journal", "accept"], "accept DU1234567", env);
    expect(out).toContain("was cut");
    expect(code).toBe(0);
    expect(JSON.parse(readFileSync(path, "utf8").trim().split("\n").at(-1) ?? "")).toMatchObject({
      note: "accepted",
    });
    expect((await atTerminal(["journal", "accept"], "", env)).out).toContain("nothing to accept");
  });
});
