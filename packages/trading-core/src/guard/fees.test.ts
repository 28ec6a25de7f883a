import { afterEach, expect, test } from "vitest";
import { boundedFee } from "../domain/fee.ts";
import { decimal } from "../domain/money.ts";
import { type Bench, bench, failure, order, stock } from "../testing/fixtures.ts";

const SHARE = { share: decimal("0.01") };
const AAPL = stock("AAPL", { feeBound: SHARE });
let at: Bench;
afterEach(() => at.end());

const committed = async () => (await at.guard.posture()).limits.committedToday?.toFixed();
const limit = (size: string) => order("BUY", size, { limitPrice: "98" });

test("S22: a day's budget counts the fees that are expected, the cap on one order does not", async () => {
  at = bench({ maxOrderValue: decimal(98), maxDailyValue: decimal("98.97") }, [AAPL]);
  const refused = await failure(at.guard.place(limit("1")));
  expect(refused.code).toBe("daily_value_exceeded");
  expect(refused.message).toContain("98.98 and its fees of up to 0.98");
  at.end();
  at = bench({ maxOrderValue: decimal(98), maxDailyValue: decimal("98.98") }, [AAPL]);
  await at.guard.place(limit("1"));
  expect(await committed()).toBe("98.98");
});

test("S22: expected fees are journaled with the intent, survive a restart, and fall away with what is cancelled", async () => {
  at = bench({}, [AAPL]);
  const { orderId } = await at.guard.place(limit("2"));
  expect(at.records().find((each) => each.kind === "intent")).toMatchObject({ expectedFee: "1.96" });
  expect((await at.another().posture()).limits.committedToday?.toFixed()).toBe("197.96");
  await at.guard.cancel(orderId ?? "");
  expect(await committed()).toBe("0");
});

test("S22: the fees that the venue tells take the place of those that were expected, fill by fill", async () => {
  at = bench({}, [AAPL]);
  const { orderId } = await at.guard.place(limit("2"));
  at.venue.fee = { amount: decimal("0.25") };
  at.venue.fillsUnread = "HTTP 500";
  at.venue.fill(orderId ?? "", "1", "98");
  await at.guard.order(orderId ?? "");
  // Half is filled, and nothing told of its fee.
  expect(await committed()).toBe("197.96");
  at.venue.fillsUnread = null;
  await at.guard.history(1);
  expect(await committed()).toBe("197.23");
});

test("S22: an execution whose fee is not told counts with what was expected of it", async () => {
  at = bench({}, [AAPL]);
  const { orderId } = await at.guard.place(limit("2"));
  at.venue.fill(orderId ?? "", "2", "98");
  const [execution] = at.venue.fills;
  if (execution) execution.fee = null;
  await at.guard.order(orderId ?? "");
  await at.guard.history(1);
  expect(at.records().some((each) => each.kind === "fill" && each.fee === null)).toBe(true);
  expect(await committed()).toBe("197.96");
});

test("S22: a buy by amount counts its amount and the fees on it, and an exit counts nothing", async () => {
  at = bench({ maxDailyValue: decimal("100.99") }, [AAPL]);
  const buy = order("BUY", { cashAmount: "100" });
  expect((await failure(at.guard.place(buy))).code).toBe("daily_value_exceeded");
  at.venue.hold(AAPL, "1");
  await at.guard.place(order("SELL", "1", { limitPrice: "101" }));
  expect(at.records().find((each) => each.kind === "intent")).not.toHaveProperty("expectedFee");
});

test("S22: a bound by units holds where it is lower than the share, and never below what an order costs at least", () => {
  const bound = { ...SHARE, most: { perUnit: decimal("0.01"), perOrder: decimal(1) } };
  const fee = (value: number, quantity: number | null) =>
    boundedFee(bound, decimal(value), quantity === null ? null : decimal(quantity)).toFixed();
  expect(fee(50, 1)).toBe("0.5");
  expect(fee(5_000, 50)).toBe("1");
  expect(fee(50_000, 500)).toBe("5");
  expect(fee(5_000, null)).toBe("50");
  expect(boundedFee(undefined, decimal(5_000), decimal(1)).toFixed()).toBe("0");
});
