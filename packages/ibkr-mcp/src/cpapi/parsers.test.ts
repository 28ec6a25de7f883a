import { expect, test } from "vitest";
import { readDefinitions, readListings, readRules, readSteps, readSymbol } from "./listings.ts";
import { isDelayed, readPrice, readQuote } from "./quote-row.ts";
import { readSchedule } from "./schedule.ts";
import { AAPL } from "./test-venue.ts";
import { moneyText, readPreview } from "./whatif.ts";

test("a symbol is checked and normalised before any request", () => {
  expect(readSymbol(" brk.b ")).toEqual({ symbol: "BRK B", exchange: null });
  expect(readSymbol("aapl@nasdaq")).toEqual({ symbol: "AAPL", exchange: "NASDAQ" });
  for (const text of ["", " ", "A/B", "A,B", "LS 1X AMZN", "ÄPFEL", "A\n", ".B", "TOOLONGSYMBOL"]) {
    expect(readSymbol(text === "A\n" ? "A\nB" : text)).toBeNull();
  }
});

test("look-alikes under other keys are not seen; a foreign listing keeps its flag", () => {
  const body = {
    AMZN: [
      {
        name: "AMAZON",
        assetClass: "STK",
        contracts: [
          { conid: 1, exchange: "NASDAQ", isUS: true },
          { conid: "2", exchange: "MEXI", isUS: false },
        ],
      },
    ],
    "LS 1X AMZN": [{ name: "LS", contracts: [{ conid: 3, exchange: "LSE", isUS: false }] }],
  };
  expect(readListings(body, "AMZN")?.map(({ conid, isUS }) => [conid, isUS])).toEqual([
    ["1", true],
    ["2", false],
  ]);
  expect(readListings(body, "ZZZ")).toEqual([]);
  expect(readListings({ ZZZ: [] }, "ZZZ")).toEqual([]);
  expect(readListings({ AMZN: {} }, "AMZN")).toBeNull();
  expect(readListings({ AMZN: [{ contracts: [{ conid: "x" }] }] }, "AMZN")).toBeNull();
  expect(readListings([], "AMZN")).toBeNull();
});

test("a definition without isUS is American when its country and its currency are", () => {
  const row = (extra: object) =>
    readDefinitions({ secdef: [{ conid: 1, name: "A &amp; B", ...extra }] })?.get("1");
  expect(row({ currency: "USD", countryCode: "US" })).toMatchObject({ isUS: true, name: "A & B" });
  expect(row({ currency: "USD", countryCode: "US", isUS: false })?.isUS).toBe(false);
  expect(row({ currency: "EUR", countryCode: "DE" })?.isUS).toBe(false);
  expect(row({})?.isUS).toBeNull();
});

test("a tick table is whole and ascending, or unknown", () => {
  const steps = readSteps([
    { lowerEdge: 1, increment: 0.01 },
    { lowerEdge: 0, increment: 0.0001 },
  ]);
  expect(steps.map(({ from, increment }) => [from.toFixed(), increment.toFixed()])).toEqual([
    ["0", "0.0001"],
    ["1", "0.01"],
  ]);
  expect(readSteps([{ lowerEdge: 0, increment: 0 }])).toEqual([]);
  expect(readSteps(null)).toEqual([]);
});

test("rules that do not speak say nothing", () => {
  expect(readRules({}, "DU1")).toEqual({ fractions: null, cashAmount: null, tradable: null });
  expect(
    readRules({ rules: { fraqTypes: [], cqtTypes: ["limit"], canTradeAcctIds: ["DU2"] } }, "DU1"),
  ).toEqual({
    fractions: false,
    cashAmount: false,
    tradable: false,
  });
});

test("L14: C and H prefixes are meaning, not noise", () => {
  expect(readPrice("C193.18")).toMatchObject({ mark: "C" });
  expect(readPrice("C193.18").price?.toFixed()).toBe("193.18");
  expect(readPrice("H1,300")).toMatchObject({ mark: "H" });
  for (const none of ["N/A", "-", "", "0", undefined, "C", "X12"]) expect(readPrice(none).price).toBeNull();
  const quote = readQuote(
    { "31": "C193.18", "84": "193.00", _updated: 5, "6509": "RpB" },
    { ...AAPL, priceSteps: [] },
  );
  expect(quote).toMatchObject({
    lastIsPreviousClose: true,
    ask: null,
    asOf: 5,
    delayed: false,
    halted: false,
  });
});

test("6509 is a set of letters: anything late makes the quote late, and silence is silence", () => {
  expect(["RpB", "RB", "RivB"].map(isDelayed)).toEqual([false, false, false]);
  expect(["DPB", "ZB", "YB", "RD"].map(isDelayed)).toEqual([true, true, true, true]);
  expect(["NPB", "O", "S", "", null].map(isDelayed)).toEqual([null, null, null, null, null]);
});

test.each([
  ["1,977.60 USD (10 Shares)", "1977.6"],
  ["1 USD", "1"],
  ["0.5…2.1 USD", "2.1"],
  ["-652", "-652"],
  ["+652", "652"],
  ["215,415,593", "215415593"],
  ["2 USD (0.0067 Shares)", "2"],
])("L10: %j is money", (text, expected) => {
  expect(moneyText(text)?.toFixed()).toBe(expected);
});

test.each(["NA", "—", "", "-", null, undefined, "(10 Shares)"])("L10: %j is unknown money", (text) => {
  expect(moneyText(text)).toBeNull();
});

test("a refusal inside a preview comes first, with its funds", () => {
  const preview = readPreview({
    amount: { amount: "75.25 USD", commission: "NA", total: "NA" },
    initial: null,
    warns: [
      "23/<h4>Market Order Confirmation</h4>&nbsp;A Market Order",
      "23/<h4>Market Order Confirmation</h4>&nbsp;A Market Order",
    ],
    error: "Available converted to base: 6.00 EUR Cash needed: 75.25 EUR",
    data: [
      { N: "CURRENT_FUNDS", V: ["9"] },
      { N: "AFTER_FUNDS", V: ["-66"] },
    ],
  });
  expect(preview).toMatchObject({
    commission: null,
    total: null,
    marginChange: null,
    currency: "USD",
    refusal: "Available converted to base: 6.00 EUR Cash needed: 75.25 EUR",
    warnings: ["Market Order Confirmation A Market Order"],
  });
  expect(preview?.availableFundsBefore?.toFixed()).toBe("9");
  expect(preview?.availableFundsAfter?.toFixed()).toBe("-66");
  expect(readPreview([])).toBeNull();
  expect(readPreview({})).toBeNull();
});

test("a schedule of days without gaps is round the clock; one with nights is not", () => {
  const day = 86_400;
  const days = (length: number) =>
    Object.fromEntries(
      Array.from({ length: 6 }, (_, index) => [
        `2026040${index + 1}`,
        {
          liquid_hours: [
            { opening: 1_775_000_000 + index * day, closing: 1_775_000_000 + index * day + length },
          ],
        },
      ]),
    );
  expect(readSchedule({ schedules: days(day) })?.alwaysOpen).toBe(true);
  const nightly = readSchedule({ schedules: days(23_400) });
  expect(nightly?.alwaysOpen).toBe(false);
  expect(nightly?.sessions[0]).toEqual({
    date: "2026-04-01",
    opens: 1_775_000_000_000,
    closes: 1_775_023_400_000,
  });
});

test("a schedule that names no day, or cannot be read, is silence", () => {
  for (const body of [
    null,
    {},
    { schedules: {} },
    { schedules: { x: {} } },
    { schedules: { "20260401": { liquid_hours: [{ opening: 2, closing: 1 }] } } },
  ]) {
    expect(readSchedule(body)).toBeNull();
  }
});
