import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { type Bench, bench, failure, order } from "../testing/fixtures.ts";

const disk = vi.hoisted(() => ({ failing: false }));
vi.mock("node:fs", async (importOriginal) => {
  const real = await importOriginal<typeof import("node:fs")>();
  return {
    ...real,
    fsyncSync(fd: number) {
      if (disk.failing)
        throw Object.assign(new Error("EIO: i/o error, fsync"), { syscall: "fsync", code: "EIO" });
      real.fsyncSync(fd);
    },
  };
});

let at: Bench;
beforeEach(async () => {
  at = bench();
  await at.guard.place(order("BUY", "1", {}, "MSFT"));
  at.venue.wire.length = 0;
});
afterEach(() => {
  disk.failing = false;
  at.end();
});

test("C6: an intent that the disk does not confirm is not sent, and holds nothing up afterwards", async () => {
  disk.failing = true;
  expect((await failure(at.guard.place(order("BUY", "1")))).code).toBe("journal_unavailable");
  expect(at.venue.wire).toEqual([]);
  disk.failing = false;
  await at.guard.place(order("BUY", "1"));
  const outcomes = at.records().filter((each) => each.kind === "outcome");
  expect(outcomes.map((each) => each.outcome)).toEqual(["acknowledged", "not_sent", "acknowledged"]);
});

test("an outcome that the disk does not confirm is told, and the order keeps its id", async () => {
  at.venue.nextSubmits.push(async ({ intent }, gate) => {
    await gate.begin();
    disk.failing = true;
    const taken = at.venue.accept(intent);
    return { kind: "acknowledged", orderId: taken.orderId, order: taken, exchanges: [] };
  });
  const answer = await at.guard.place(order("BUY", "1", { limitPrice: "90" }));
  expect(answer.clientOrderId).toMatch(/^[a-z0-9]{18}$/);
  expect(answer.warnings.join(" ")).toContain("could not be written");
});

test("S31: a cancel goes out although it cannot be written down, and says so", async () => {
  const resting = await at.guard.place(order("BUY", "1", { limitPrice: "90" }));
  disk.failing = true;
  const answer = await at.guard.cancel(resting.orderId ?? "");
  expect(answer.outcome).toBe("done");
  expect(answer.warnings.join(" ")).toContain("could not be written");
});
