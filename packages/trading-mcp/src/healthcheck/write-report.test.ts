import { expect, test } from "vitest";
import { fail, type HealthCheck, ok, skipped, warn } from "./check.ts";
import type { Report } from "./report.ts";
import { jsonReport, textReport } from "./write-report.ts";

const checks: HealthCheck[] = [
  ok("settings", "paper mode; every setting is at its default."),
  fail("session", "The session is down. It was up.", "Log in.", { state: "no_login" }),
  warn("limits", `Many words ${"and more of them ".repeat(8)}to tell.`, "Set MAX_DAILY_VALUE."),
  skipped("quote", "the brokerage session"),
];
const report: Report = { ok: false, verdict: "Not ready: x.", nextStep: "Log in.", checks };

test("aligned, wrapped, each other step under its check", () => {
  expect(textReport(report, { width: 60, color: false }, [])).toBe(
    [
      "Not ready: x.",
      "Next: Log in.",
      "",
      "  ok    settings  paper mode; every setting is at its",
      "                  default.",
      "  FAIL  session   The session is down. It was up.",
      "  WARN  limits    Many words and more of them and more of",
      "                  them and more of them and more of them and",
      "                  more of them and more of them and more of",
      "                  them and more of them to tell.",
      "                  > Set MAX_DAILY_VALUE.",
      "  -     quote     Needs the brokerage session.",
      "",
    ].join("\n"),
  );
});

test("a path is never broken", () => {
  const path = `/${"folder/".repeat(20)}file`;
  const text = textReport(
    { ...report, checks: [ok("journal", `${path}: 3 records.`)] },
    { width: 60, color: false },
    [],
  );
  expect(text).toContain(path);
});

test("colours are for those who see them, and no secret is told in either form", () => {
  const secret = "s3cr3t-value";
  const leaky = { ...report, verdict: `Not ready: ${secret}.` };
  expect(textReport(leaky, { width: 100, color: true }, [secret])).toContain("\u001b[31mFAIL");
  for (const text of [
    textReport(leaky, { width: 100, color: true }, [secret]),
    jsonReport(leaky, [secret]),
  ]) {
    expect(text).not.toContain(secret);
  }
});

test("JSON is one line, with each check's data beside its words", () => {
  const text = jsonReport(report, []);
  expect(text.indexOf("\n")).toBe(text.length - 1);
  expect(JSON.parse(text)).toMatchObject({
    ok: false,
    next_step: "Log in.",
    checks: [{ name: "settings" }, { name: "session", status: "fail", state: "no_login" }, {}, {}],
  });
});

test("no check's data can take the place of its name, status or words", () => {
  const told = JSON.parse(
    jsonReport({ ...report, checks: [ok("settings", "fine", { name: "x", status: "y" })] }, []),
  );
  expect(told.checks[0]).toMatchObject({ name: "settings", status: "ok" });
});
