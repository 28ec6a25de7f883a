import { expect, test } from "vitest";
import type { Position } from "../domain/account.ts";
import { decimal } from "../domain/money.ts";
import { read, unread } from "../domain/reading.ts";
import { MORNING, stock } from "../testing/fixtures.ts";
import { second, story } from "../testing/ledger-of.ts";
import { correctedPositions } from "./positions.ts";

const NOW = Date.parse(MORNING);
const row = (change: Partial<Position> = {}): Position => ({
  instrumentId: stock("AAPL").id,
  symbol: "AAPL",
  quantity: decimal(10),
  averageCost: decimal(90),
  marketPrice: decimal(100),
  marketValue: decimal(1_000),
  unrealizedPnl: decimal(100),
  currency: "USD",
  ...change,
});
/** A buy of 10 that was filled a second ago, and after a settled reading of `before`. */
function bought(before: Record<string, string>) {
  const told = story();
  told.noted(-120, before);
  told.intent(-2, "a", { quantity: "10" });
  told.outcome(-2, "a", "acknowledged");
  told.fill(-1, "a", "10");
  return told.ledger;
}

test("what cannot be read stays unread", () => {
  expect(correctedPositions(unread("503"), story().ledger, NOW)).toEqual(unread("503"));
});

test("without news of ours the list is told as it is, and rows of nothing are left out", () => {
  const nothing = row({ instrumentId: "x", symbol: "X", quantity: decimal(0) });
  expect(correctedPositions(read([row(), nothing], NOW), story().ledger, NOW)).toEqual(read([row()], NOW));
});

test("S1: a buy that the list does not show yet is held, without figures that nobody knows", () => {
  expect(correctedPositions(read([], NOW), bought({}), NOW)).toEqual(
    read(
      [
        row({
          quantity: decimal(10),
          averageCost: null,
          marketPrice: null,
          marketValue: null,
          unrealizedPnl: null,
        }),
      ],
      NOW,
    ),
  );
});

test("S1: a listed quantity that lags is corrected; its value follows, its profit is not known", () => {
  const corrected = correctedPositions(read([row()], NOW), bought({ AAPL: "10" }), NOW);
  expect(corrected).toEqual(
    read([row({ quantity: decimal(20), marketValue: decimal(2_000), unrealizedPnl: null })], NOW),
  );
  const unpriced = correctedPositions(read([row({ marketPrice: null })], NOW), bought({ AAPL: "10" }), NOW);
  expect(unpriced.kind === "read" && unpriced.value[0]?.marketValue).toBeNull();
});

test("S1: where something else traded, the list stands as it is", () => {
  const corrected = correctedPositions(
    read([row({ quantity: decimal(13) })], NOW),
    bought({ AAPL: "10" }),
    NOW,
  );
  expect(corrected).toEqual(read([row({ quantity: decimal(13) })], NOW));
});

test("S1: what was sold is gone before the list says so; an order that filled nothing adds no row", () => {
  const told = story();
  told.noted(-120, { AAPL: "10" });
  told.intent(-2, "a", { quantity: "10", side: "SELL" }, { exit: true });
  told.outcome(-2, "a", "acknowledged");
  told.fill(-1, "a", "10", { side: "SELL" });
  told.intent(-2, "b", { quantity: "10", instrumentId: "id-MSFT", symbol: "MSFT" });
  told.outcome(-2, "b", "acknowledged");
  expect(correctedPositions(read([row()], second(0)), told.ledger, NOW)).toEqual(read([], NOW));
});
