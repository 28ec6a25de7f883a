import { EventEmitter } from "node:events";
import { PassThrough } from "node:stream";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { superviseStdio } from "./stdio-lifecycle.ts";
import { silent } from "./testing/call.ts";

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

class FakeHost extends EventEmitter {
  ppid = 100;
  exits: number[] = [];
  exit(code: number): void {
    this.exits.push(code);
  }
}

function supervised(stop: () => Promise<void>, working: () => boolean = () => false) {
  const host = new FakeHost();
  const stdin = new PassThrough();
  const stopped = vi.fn(stop);
  const hurried = vi.fn();
  superviseStdio({
    stdin,
    stdout: new PassThrough(),
    host,
    logger: silent,
    stop: stopped,
    working,
    hurry: hurried,
  });
  return { host, stdin, stopped, hurried };
}

const forever = () => new Promise<void>(() => {});

test("a stop that hangs without an order is cut off within 300 ms", async () => {
  const { host } = supervised(forever);
  host.emit("SIGTERM");
  await vi.advanceTimersByTimeAsync(240);
  expect(host.exits).toEqual([]);
  await vi.advanceTimersByTimeAsync(60);
  expect(host.exits).toEqual([143]);
});

test("S13: an order in flight has ten seconds, and not one more", async () => {
  const { host } = supervised(forever, () => true);
  host.emit("SIGINT");
  await vi.advanceTimersByTimeAsync(9_900);
  expect(host.exits).toEqual([]);
  await vi.advanceTimersByTimeAsync(150);
  expect(host.exits).toEqual([130]);
});

test("S13: an order that the venue does not answer is hurried once, with time left to write what is known", async () => {
  const { host, hurried } = supervised(forever, () => true);
  host.emit("SIGTERM");
  await vi.advanceTimersByTimeAsync(5_900);
  expect(hurried).not.toHaveBeenCalled();
  await vi.advanceTimersByTimeAsync(200);
  expect(hurried).toHaveBeenCalledTimes(1);
  await vi.advanceTimersByTimeAsync(3_500);
  expect(hurried).toHaveBeenCalledTimes(1);
  expect(host.exits).toEqual([]);
});

test("once the last order is done, what is left has 300 ms", async () => {
  let working = true;
  const { host } = supervised(forever, () => working);
  host.emit("SIGHUP");
  await vi.advanceTimersByTimeAsync(2_000);
  working = false;
  await vi.advanceTimersByTimeAsync(200);
  expect(host.exits).toEqual([]);
  await vi.advanceTimersByTimeAsync(120);
  expect(host.exits).toEqual([129]);
});

test("it stops and exits once, with the code of the first reason", async () => {
  const { host, stdin, stopped } = supervised(async () => {});
  host.emit("SIGTERM");
  host.emit("SIGINT");
  stdin.emit("end");
  stdin.emit("close");
  host.emit("uncaughtException", new Error("late"));
  await vi.advanceTimersByTimeAsync(1_000);
  expect(stopped).toHaveBeenCalledTimes(1);
  expect(host.exits).toEqual([143]);
});

test("a stop that fails ends the process all the same", async () => {
  const { host } = supervised(async () => {
    throw new Error("no");
  });
  host.emit("unhandledRejection", new Error("a bug"));
  await vi.advanceTimersByTimeAsync(0);
  expect(host.exits).toEqual([1]);
});

test("another parent than at the start means that ours is dead", async () => {
  const { host } = supervised(async () => {});
  await vi.advanceTimersByTimeAsync(5_000);
  expect(host.exits).toEqual([]);
  host.ppid = 1;
  await vi.advanceTimersByTimeAsync(1_000);
  expect(host.exits).toEqual([0]);
});
