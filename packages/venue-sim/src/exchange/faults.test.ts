import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { ExchangeFaultAction } from "./faults.ts";
import { type SimulatedExchange, startSimulatedExchange } from "./simulated-exchange.ts";
import { binanceClient, type ExchangeAnswer, krakenClient } from "./test-clients.ts";

let sim: SimulatedExchange;
let close: () => Promise<void>;

afterEach(async () => {
  await close();
  await sim.close();
});

/** What the client saw of a request, and how many orders there are because of it. */
interface Seen {
  answer: Pick<ExchangeAnswer, "status" | "text"> | "no answer";
  placed: number;
}

interface Case {
  name: string;
  action: ExchangeFaultAction;
  placed: 0 | 1;
  /** Status, or undefined where no whole answer comes. */
  status?: number;
  text?: RegExp;
}

const CASES: Case[] = [
  { name: "reset before", action: { type: "reset" }, placed: 0 },
  { name: "reset after", action: { type: "reset", when: "after" }, placed: 1 },
  { name: "cut body", action: { type: "cut-body" }, placed: 1 },
  { name: "503 after", action: { type: "status", status: 503, when: "after" }, placed: 1, status: 503 },
  { name: "502", action: { type: "status", status: 502 }, placed: 0, status: 502, text: /^<html>/ },
  { name: "504", action: { type: "status", status: 504 }, placed: 0, status: 504, text: /^<html>/ },
  { name: "403", action: { type: "status", status: 403 }, placed: 0, status: 403, text: /^<html>/ },
  { name: "429", action: { type: "status", status: 429 }, placed: 0, status: 429 },
  { name: "418", action: { type: "status", status: 418 }, placed: 0, status: 418 },
  { name: "302", action: { type: "status", status: 302 }, placed: 0, status: 302, text: /^$/ },
  { name: "200 empty", action: { type: "empty-200" }, placed: 0, status: 200, text: /^$/ },
  {
    name: "200 empty after",
    action: { type: "empty-200", when: "after" },
    placed: 1,
    status: 200,
    text: /^$/,
  },
  { name: "200 HTML", action: { type: "html-200" }, placed: 0, status: 200, text: /^<html>/ },
  { name: "200 {}", action: { type: "empty-object-200" }, placed: 0, status: 200, text: /^\{\}$/ },
  { name: "200 {} after", action: { type: "empty-object-200", when: "after" }, placed: 1, status: 200 },
  {
    name: "an error of its own",
    action: { type: "error", message: "EService:Busy", code: -1008, status: 200 },
    placed: 0,
    status: 200,
    text: /EService:Busy/,
  },
  { name: "slow body", action: { type: "slow-body", milliseconds: 5 }, placed: 1, status: 200 },
  { name: "delay", action: { type: "delay", milliseconds: 5 }, placed: 1, status: 200 },
];

async function seen(order: () => Promise<ExchangeAnswer>): Promise<Seen> {
  let answer: Seen["answer"];
  try {
    answer = await order();
  } catch {
    answer = "no answer";
  }
  return { answer, placed: sim.control.state().orders.length };
}

describe.each(["binance", "kraken"] as const)("%s", (kind) => {
  let order: () => Promise<ExchangeAnswer>;
  const path = kind === "binance" ? "/api/v3/order" : "AddOrder";

  beforeEach(async () => {
    sim = await startSimulatedExchange({ kind, start: "2026-11-18T15:30:00Z" });
    if (kind === "binance") {
      const client = binanceClient(sim);
      close = client.close;
      sim.control.setPrice("BTC/USDT", { last: 100_000 });
      order = () => client.order({ side: "BUY", type: "MARKET", quantity: "0.01", newOrderRespType: "FULL" });
    } else {
      const client = krakenClient(sim);
      close = client.close;
      sim.control.setPrice("BTC/USD", { last: 100_000 });
      order = () => client.order({ type: "buy", ordertype: "market", volume: "0.01" });
    }
  });

  test.each(CASES)("$name", async ({ action, placed, status, text }) => {
    sim.control.faults.add({ path, action });
    const result = await seen(order);
    expect(result.placed).toBe(placed);
    if (status === undefined) {
      expect(result.answer).toBe("no answer");
    } else {
      expect(result.answer).toMatchObject({ status });
      if (text !== undefined) expect(result.answer).toMatchObject({ text: expect.stringMatching(text) });
    }
    // Only the one request was hit.
    expect((await order()).status).toBe(200);
    expect(sim.control.state().orders).toHaveLength(placed + 1);
  });

  test("a hang after the order landed leaves it placed and the client waiting", async () => {
    sim.control.faults.add({ path, action: { type: "hang", when: "after" } });
    const waiting = order().then(
      () => "answered",
      () => "given up",
    );
    await expect.poll(() => sim.control.state().orders.length).toBe(1);
    expect(sim.control.requests({ path }).at(-1)?.status).toBeNull();
    await close();
    expect(await waiting).toBe("given up");
  });

  test("a slow venue moves its own clock, not the test's", async () => {
    const before = sim.clock.now();
    sim.control.faults.add({ path: "ime", action: { type: "slow", milliseconds: 3_000 } });
    const url = kind === "binance" ? "/api/v3/time" : "/0/public/Time";
    const response = await fetch(sim.baseUrl + url);
    expect(sim.clock.now()).toBe(before + 3_000);
    expect(Date.parse(response.headers.get("date") ?? "")).toBe(before + 3_000);
  });

  test("only the Date header is off when the fault says so", async () => {
    sim.control.faults.add({ path: "ime", action: { type: "clock-skew", milliseconds: -90_000 } });
    const url = kind === "binance" ? "/api/v3/time" : "/0/public/Time";
    const response = await fetch(sim.baseUrl + url);
    expect(Date.parse(response.headers.get("date") ?? "")).toBe(sim.clock.now() - 90_000);
    expect(await response.text()).toContain(String(Math.floor(sim.clock.now() / 1_000)));
  });

  test("an order can be kept from filling beyond a quantity", async () => {
    sim.control.faults.add({ path, action: { type: "partial-fill", quantity: "0.004" } });
    await order();
    expect(sim.control.state().orders).toMatchObject([{ filled: "0.004" }]);
    // The rest of a market order does not wait.
    expect(sim.control.state().orders[0]?.status).toBe(kind === "binance" ? "EXPIRED" : "canceled");
  });
});
