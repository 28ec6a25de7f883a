import type { Policy } from "trading-core/guard/policy";
import type { HealthCheck } from "./check.ts";

/** What all checks amount to. */
export interface Report {
  /** No check failed. */
  ok: boolean;
  /** One sentence. */
  verdict: string;
  /** What a person does next; null when there is nothing to do. */
  nextStep: string | null;
  checks: HealthCheck[];
}

export const EXIT = { ready: 0, notReady: 1, unusable: 2, warnings: 3 } as const;

/**
 * @param policy null when the settings could not be read
 * @param names words that keep their capital in the middle of a sentence
 */
export function reportOf(
  checks: HealthCheck[],
  policy: Policy | null,
  names: readonly string[] = [],
): Report {
  const failed = checks.filter(({ status }) => status === "fail");
  const [first] = failed;
  if (first === undefined && policy !== null) {
    return { ok: true, verdict: readyFor(policy, checks), nextStep: stepWhenReady(policy, checks), checks };
  }
  const why = first === undefined ? "the settings cannot be read." : reason(first.message, names);
  const count = failed.length > 1 ? `, ${failed.length} checks failed` : "";
  return { ok: false, verdict: `Not ready${count}: ${why}`, nextStep: first?.nextStep ?? null, checks };
}

/** With `strict` a warning has an exit code of its own. */
export function exitCodeOf({ ok, checks }: Report, strict: boolean): number {
  const has = (status: HealthCheck["status"], name?: string) =>
    checks.some((check) => check.status === status && (name === undefined || check.name === name));
  if (has("fail", "settings")) return EXIT.unusable;
  if (!ok) return EXIT.notReady;
  return strict && has("warn") ? EXIT.warnings : EXIT.ready;
}

function readyFor(policy: Policy, checks: HealthCheck[]): string {
  const place = PLACES[policy.mode] ?? policy.mode;
  const dataOf = (name: string) => checks.find((check) => check.name === name)?.data;
  const how =
    dataOf("arms")?.read_only === true
      ? `Ready to read ${place} (no order tools)`
      : `Ready to trade ${place} (dry run ${policy.dryRun ? "on" : "off"})`;
  const closed = dataOf("market_hours")?.open === false ? "; the market is closed" : "";
  const warnings = checks.filter(({ status }) => status === "warn").length;
  const besides = warnings === 0 ? "" : `, with ${warnings === 1 ? "a warning" : `${warnings} warnings`}`;
  return `${how}${besides}${closed}.`;
}

const PLACES: Record<string, string> = {
  sim: "on the simulator",
  paper: "on paper",
  sandbox: "on the exchange's test system",
  live: "with REAL MONEY",
};

function stepWhenReady(policy: Policy, checks: HealthCheck[]): string | null {
  const warned = checks.find(({ status, nextStep }) => status === "warn" && nextStep !== null);
  if (warned !== undefined) return warned.nextStep;
  const sends = checks.some(({ name, data }) => name === "arms" && data.read_only !== true);
  if (!policy.dryRun || !sends) return null;
  const { allowLive, dryRun } = policy.settings;
  const arm = policy.mode === "live" && !policy.allowLive ? `${allowLive}=true and ` : "";
  return `Set ${arm}${dryRun}=false once orders are really to be sent.`;
}

/** The first sentence, to stand after a colon: names and codes keep their capitals. */
function reason(message: string, names: readonly string[]): string {
  const [sentence = message] = message.split(/(?<=\.) (?=[A-Z])/);
  const named = names.some((name) => sentence.startsWith(name));
  return /^[A-Z][a-z]/.test(sentence) && !named
    ? sentence.charAt(0).toLowerCase() + sentence.slice(1)
    : sentence;
}
