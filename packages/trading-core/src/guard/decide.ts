import { tradingDay } from "../calendar/trading-day.ts";
import type { OrderIntent } from "../domain/order.ts";
import type { Append, Journal } from "../journal/journal.ts";
import type { LedgerOrder } from "../journal/ledger-order.ts";
import type { Desk } from "./desk.ts";
import type { Facts } from "./facts.ts";
import type { Gathered } from "./gather.ts";
import { holdingsOf, reductionOf, reservedOn } from "./holdings.ts";
import { judge } from "./rules/index.ts";
import { foreignOrders, recordNews, reservingOrders } from "./sync.ts";
import type { Check } from "./verdict.ts";
import { refuse } from "./verdict.ts";
import { worstCaseOf } from "./worst-case.ts";

export interface Decision {
  facts: Facts;
  isExit: boolean;
  checks: Check[];
  refusals: Check[];
}

/**
 * One decision, under the account's lock: the facts about our own orders become records, the rest is
 * computed from them and the ledger, and every rule is asked. Synchronous, so nothing can change in
 * between.
 *
 * @param replaces our own open orders that this one stands in for, and that reserve nothing against it
 */
export function decide(
  desk: Desk,
  journal: Journal,
  gathered: Gathered,
  intent: OrderIntent,
  replaces: LedgerOrder[],
  append: Append,
): Decision {
  recordNews(journal, gathered.news, append);
  return judgeNow(desk, journal, gathered, intent, replaces);
}

/** The same without writing anything: for previews. */
export function judgeNow(
  desk: Desk,
  journal: Journal,
  gathered: Gathered,
  intent: OrderIntent,
  replaces: LedgerOrder[],
): Decision {
  const facts = factsFor(desk, journal, gathered, intent, replaces);
  const isExit = facts.reduction.kind === "exit";
  const checks = judge({ intent, facts, policy: desk.policy, isExit });
  if (journal.ledger.incomplete !== null && !isExit) checks.push(journalIncomplete(journal));
  return { facts, isExit, checks, refusals: checks.filter((check) => check.verdict === "refuse") };
}

function factsFor(
  desk: Desk,
  journal: Journal,
  gathered: Gathered,
  intent: OrderIntent,
  replaces: LedgerOrder[],
): Facts {
  const { ledger } = journal;
  const now = desk.clock.now();
  const zone = dayZone(desk);
  const day = tradingDay(new Date(now), zone);
  const foreign = foreignOrders(ledger, gathered.news.orders);
  if (foreign.kind === "read") desk.foreign = foreign.value;
  const holdings = holdingsOf(intent.instrument.id, gathered.news.positions, ledger, now);
  const reserved = reservedOn(
    intent.instrument.id,
    intent.side,
    ledger,
    reservingOrders(desk, ledger, gathered.news.orders),
    replaces,
  );
  return {
    now,
    day,
    onDay: (at) => tradingDay(new Date(at), zone) === day,
    tradingState: desk.tradingState.read(),
    identity: gathered.identity,
    boundAccount: desk.bound?.identity.accountId ?? null,
    quote: gathered.quote,
    hours: gathered.hours,
    holdings,
    reduction: reductionOf(intent, holdings, reserved),
    foreignOrders: foreign,
    ledger,
    replaces,
    worstCase: worstCaseOf(intent, intent.instrument, gathered.quote, desk.policy, now),
  };
}

/** Whose midnight ends a day: New York's for a stock venue, UTC's for one that never closes (S26). */
export function dayZone(desk: Pick<Desk, "policy">) {
  return desk.policy.calendar === "nyse" ? "America/New_York" : "UTC";
}

/** Entries need a ledger that is whole; exits go on by the venue's truth. */
function journalIncomplete(journal: Journal): Check {
  return {
    rule: "journal",
    ...refuse(
      "journal_incomplete",
      `The journal ${journal.path} cannot be relied on: ${journal.ledger.incomplete}.`,
      "Exits still go through. The operator looks at the journal, and moves it away once its orders are understood.",
      { observed: "incomplete", limit: "complete" },
    ),
  };
}
