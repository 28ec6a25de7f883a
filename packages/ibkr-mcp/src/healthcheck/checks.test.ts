import { expect, test } from "vitest";
import { flagsCheck } from "./account-checks.ts";
import { CHECK_NAMES } from "./check-names.ts";
import { hoursCheck } from "./market-checks.ts";

/** What single checks make of what they were given. */
test("hours are told by New York's clock, and unknown ones are a warning", () => {
  const message = hoursCheck({ kind: "open", source: "the venue", closes: "2026-11-20T21:00:00Z" }).message;
  expect(message).toBe("Open until Fri, Nov 20, 16:00 New York, by the venue.");
  expect(hoursCheck({ kind: "unknown", reason: "no calendar" }).status).toBe("warn");
});

test("an account that takes no cash amounts is a warning", () => {
  expect(flagsCheck({ supportsFractions: false, supportsCashAmount: true }).status).toBe("warn");
  expect(flagsCheck(null)).toMatchObject({ status: "ok", message: expect.stringContaining("not told") });
});

test("no two checks share a name", () => {
  expect(new Set(CHECK_NAMES).size).toBe(CHECK_NAMES.length);
});
