import { redactText } from "../redact.ts";
import type { CheckStatus, HealthCheck } from "./check.ts";
import type { Report } from "./report.ts";

export interface TextStyle {
  /** Columns to stay within. A single word may be longer, such as a path that somebody wants to copy. */
  width: number;
  color: boolean;
}

const MARKS: Record<CheckStatus, string> = { ok: "ok", warn: "WARN", fail: "FAIL", skipped: "-" };
const COLORS: Record<CheckStatus, number> = { ok: 32, warn: 33, fail: 31, skipped: 2 };
const BOLD = 1;
const DIM = 2;

/** The report for a person: the verdict, the next step, and a line or two for each check. */
export function textReport(report: Report, style: TextStyle, secrets: readonly string[]): string {
  const { verdict, nextStep, checks } = report;
  const paint = (code: number, text: string) => (style.color ? `\u001b[${code}m${text}\u001b[0m` : text);
  const nameWidth = Math.max(...checks.map(({ name }) => title(name).length));
  const markWidth = Math.max(...Object.values(MARKS).map((mark) => mark.length));
  const indent = " ".repeat(2 + markWidth + 2 + nameWidth + 2);

  function lines({ name, status, message, nextStep: own }: HealthCheck): string[] {
    const wanted = own === null || own === nextStep ? [message] : [message, `> ${own}`];
    const [first = "", ...rest] = wanted.flatMap((text) => wrapped(text, style.width - indent.length));
    const mark = paint(COLORS[status], MARKS[status].padEnd(markWidth));
    const body = (text: string) => (status === "skipped" ? paint(DIM, text) : text);
    return [
      `  ${mark}  ${body(title(name).padEnd(nameWidth))}  ${body(first)}`,
      ...rest.map((text) => indent + body(text)),
    ];
  }

  const worst = report.ok ? (checks.some(({ status }) => status === "warn") ? "warn" : "ok") : "fail";
  const head = wrapped(verdict, style.width).map((text) => paint(BOLD, paint(COLORS[worst], text)));
  const next = nextStep === null ? [] : wrapped(`Next: ${nextStep}`, style.width);
  const text = [...head, ...next, "", ...checks.flatMap(lines), ""].join("\n");
  return redactText(text, secrets);
}

/** The report for a program: one line of JSON. */
export function jsonReport({ ok, verdict, nextStep, checks }: Report, secrets: readonly string[]): string {
  const told = checks.map(({ name, status, message, nextStep: own, data }) => {
    const words = { name, status, message, next_step: own };
    // First, where a reader looks for them; and last, so that no data can take their place.
    return { ...words, ...data, ...words };
  });
  return `${redactText(JSON.stringify({ ok, verdict, next_step: nextStep, checks: told }), secrets)}\n`;
}

function title(name: string): string {
  return name.replaceAll("_", " ");
}

/** Broken between words, each line at most `width` characters unless one word is longer. */
function wrapped(text: string, width: number): string[] {
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(" ")) {
    if (line !== "" && line.length + 1 + word.length > width) {
      lines.push(line);
      line = word;
    } else {
      line = line === "" ? word : `${line} ${word}`;
    }
  }
  return [...lines, line];
}
