import { childLegs, type LegRole } from "../domain/bracket.ts";
import { plain } from "../domain/money.ts";
import type { OrderIntent, OrderRequest } from "../domain/order.ts";
import type { KeyUse } from "../journal/idempotency-keys.ts";
import { type Append, type Journal, LOCK_WAIT_MS } from "../journal/journal.ts";
import type { LedgerOrder } from "../journal/ledger-order.ts";
import { type CloseRequest, journaledOrder } from "../journal/record.ts";
import type { PreparedOrder } from "../ports/broker.ts";
import { type Decision, decide } from "./decide.ts";
import { accountOf, type Desk } from "./desk.ts";
import { type DecidedUnder, decidedUnder, outcomeEntry } from "./dispatch.ts";
import type { Gathered } from "./gather.ts";
import { refuseOtherUse } from "./idempotency.ts";
import { factsChanged, isOvertaken, MOST_REREADS, movedBy } from "./newer-news.ts";
import { prepareForAccount } from "./prepare.ts";
import type { RiskRate } from "./risk-rate.ts";

/** How long an entry waits for the account's lock; what may be an exit waits longer. */
const ENTRY_WAIT_MS = 3_000;

export interface PlaceStep {
  /** The plan that this order is a step of. */
  planId: string | null;
  /** The close_position that this order is all of, for the key that it binds (S18). */
  closes?: CloseRequest;
  /** Our open orders that the plan has cancelled or will cancel, and that do not count against this one. */
  replaces: LedgerOrder[];
  /** It places again what a close had cancelled (S29): HALTED lets it through (S30). */
  restores?: boolean;
}

export type Decided =
  | { kind: "refused"; decision: Decision; seq: number }
  | { kind: "dry_run"; decision: Decision; prepared: PreparedOrder }
  | { kind: "go"; decision: Decision; prepared: PreparedOrder; under: DecidedUnder };

export type Committed =
  | Decided
  /** The key already stands for an order or a plan. */
  | { kind: "bound"; use: KeyUse }
  /** Another process traded the instrument while the facts were read: they are read again. */
  | { kind: "overtaken" };

export interface Proposal {
  gathered: Gathered;
  /** What was read before and found overtaken. */
  overtaken: Gathered[];
  intent: OrderIntent;
  request: OrderRequest;
  step: PlaceStep;
}

/** The locked step: decide, and put the intent or the refusal on disk. */
export async function commit(desk: Desk, journal: Journal, proposal: Proposal): Promise<Committed> {
  const { gathered, intent, request, step } = proposal;
  const waitMs = intent.side === "BUY" && intent.quantity === null ? ENTRY_WAIT_MS : LOCK_WAIT_MS;
  return journal.locked(waitMs, (append) => {
    // Before anything is judged: a repeated call is no new order, whatever the rules would say of one.
    const use = findUse(desk, journal, proposal);
    if (use) return { kind: "bound", use };
    const overtaken = isOvertaken(
      gathered,
      journal.ledger,
      movedBy(intent.instrument, desk.policy.cashCurrencies),
    );
    if (overtaken && proposal.overtaken.length < MOST_REREADS) return { kind: "overtaken" };
    const under = decidedUnder(desk, accountOf(gathered.identity));
    const decision = decideOn(desk, journal, proposal, overtaken, append);
    const order = journaledOrder(intent);
    if (decision.refusals.length > 0) {
      const { seq } = append({ kind: "refusal", order, checks: decision.checks });
      return { kind: "refused", decision, seq };
    }
    const prepared = prepareForAccount(desk, intent);
    if (intent.side === "SELL" && decision.facts.reduction.kind === "not_held") prepared.opensShort = true;
    if (desk.policy.dryRun) return { kind: "dry_run", decision, prepared };
    const { worstCase } = decision.facts;
    // Should writing it fail half way, what may be on disk of it is called off with the next record.
    let written = false;
    const legs = childLegs(intent);
    for (const each of [intent, ...legs.map((leg) => leg.intent)]) {
      journal.owe(() => (written || !isIntended(journal, each) ? null : notSent(each)));
    }
    const group = (role: LegRole) => legs.length > 0 && { group: { id: intent.clientOrderId, role } };
    // Proven by what the entry opens, and worth nothing of their own (S7). The entry's fsync holds for all.
    for (const leg of legs) {
      append(
        {
          kind: "intent",
          clientOrderId: leg.intent.clientOrderId,
          order: journaledOrder(leg.intent),
          exit: true,
          worstCase: null,
          riskCurrency: desk.policy.riskCurrency,
          checks: [],
          planId: step.planId,
          ...group(leg.role),
        },
        { sync: false },
      );
    }
    append({
      kind: "intent",
      clientOrderId: intent.clientOrderId,
      order,
      exit: decision.isExit,
      worstCase: decision.isExit || worstCase.kind === "unpriced" ? null : plain(worstCase.value),
      riskCurrency: desk.policy.riskCurrency,
      ...(!decision.isExit &&
        decision.facts.expectedFee.gt(0) && { expectedFee: plain(decision.facts.expectedFee) }),
      ...(!decision.isExit && journaledRate(decision.facts.rate)),
      checks: decision.checks,
      planId: step.planId,
      ...(request.idempotencyKey != null && { idempotencyKey: request.idempotencyKey }),
      ...(step.closes && { closes: step.closes }),
      ...group("entry"),
    });
    written = true;
    return { kind: "go", decision, prepared, under };
  });
}

/** The rate serves the order for life: what it fills and what of it still works count at it (S21). */
function journaledRate(rate: RiskRate) {
  if (rate.kind === "unknown" || rate.from === rate.to) return {};
  return { rate: { from: rate.from, rate: plain(rate.rate), asOf: new Date(rate.asOf).toISOString() } };
}

/** What the request's key stands for already; throws where that is another order. */
export function findUse(
  desk: Desk,
  journal: Journal,
  { request, intent, step }: Pick<Proposal, "request" | "intent" | "step">,
): KeyUse | null {
  if (request.idempotencyKey == null) return null;
  const use = journal.ledger.boundTo(request.idempotencyKey, desk.clock.now());
  const order = journaledOrder(intent);
  if (use) refuseOtherUse(use, step.closes ? { order, closes: step.closes } : { order, closes: null });
  return use;
}

/** S2: what was overtaken to the last refuses an entry, and bounds an exit by every reading there was. */
function decideOn(
  desk: Desk,
  journal: Journal,
  { gathered, overtaken: before, intent, step }: Proposal,
  overtaken: boolean,
  append: Append,
): Decision {
  const earlier = overtaken ? before.map((each) => each.news.positions) : [];
  const decision = decide(
    desk,
    journal,
    { ...gathered, earlier, restores: step.restores === true },
    intent,
    step.replaces,
    append,
  );
  if (!overtaken || decision.isExit) return decision;
  const check = factsChanged(intent.instrument.symbol);
  return {
    ...decision,
    checks: [...decision.checks, check],
    refusals: [...decision.refusals, check],
  };
}

function isIntended(journal: Journal, intent: OrderIntent): boolean {
  return journal.ledger.orders.get(intent.clientOrderId)?.phase === "intended";
}

function notSent(intent: OrderIntent) {
  const reason = "its intent could not be written to the end";
  return outcomeEntry(intent.clientOrderId, { kind: "not_sent", code: "journal_unavailable", reason });
}
