import { untrustedText } from "../domain/untrusted-text.ts";
import type { Check } from "../guard/verdict.ts";
import { applyToOrder, countedQuantity, type LedgerOrder, newLedgerOrder } from "./ledger-order.ts";
import { readRecords } from "./read-journal.ts";
import type { JournaledOrder, JournalRecord } from "./record.ts";

/** More records than this of one order are counted, not told. */
const MOST_TOLD = 300;
const TEXT = 300;

/**
 * The whole life of one order, told from a journal's records: one or more sentences for each, with its time
 * and place. Null where the journal knows no such order.
 *
 * @param id our client order id, or the venue's order id
 */
export function storyOf(path: string, id: string): string[] | null {
  const clientOrderId = clientOrderIdOf(path, id);
  const told: string[] = [];
  let order: LedgerOrder | null = null;
  let untold = 0;
  for (const record of readRecords(path)) {
    if (!isAbout(record, clientOrderId, id)) continue;
    if (told.length < MOST_TOLD) told.push(...linesOf(record));
    else untold++;
    if (record.kind === "intent") order = newLedgerOrder(record);
    else if (order !== null) applyToOrder(order, record, Date.parse(record.at));
  }
  if (told.length === 0) return null;
  if (untold > 0) told.push(`And ${untold} more records; export them with \`journal export --csv\`.`);
  if (order !== null) told.push(endOf(order));
  return told;
}

/** The order that the venue calls `id`; one that several records name is the last of them. */
function clientOrderIdOf(path: string, id: string): string {
  let found = id;
  for (const record of readRecords(path)) {
    const isNamed = "orderId" in record && record.orderId === id && "clientOrderId" in record;
    if (isNamed && record.clientOrderId !== null) found = record.clientOrderId;
  }
  return found;
}

function isAbout(record: JournalRecord, clientOrderId: string, id: string): boolean {
  if ("clientOrderId" in record && record.clientOrderId === clientOrderId) return true;
  return record.kind === "cancel" && record.orderId === id;
}

function linesOf(record: JournalRecord): string[] {
  const [first = "", ...more] = sentencesOf(record);
  return [`${record.at}  #${record.seq}  ${first}`, ...more.map((each) => `    ${each}`)];
}

function sentencesOf(record: JournalRecord): string[] {
  switch (record.kind) {
    case "intent": {
      const cost =
        record.worstCase === null ? "" : `, worth at most ${record.worstCase} ${record.riskCurrency}`;
      const step = record.planId === null ? "" : ` It is a step of the plan ${record.planId}.`;
      const plan = record.group
        ? `${step} It is the ${record.group.role} of the bracket ${record.group.id}.`
        : step;
      return [
        `Intent, as ${record.exit ? "an exit" : "an entry"}${cost}: ${orderWords(record.order)}.${plan}`,
        ...checkWords(record.checks),
      ];
    }
    case "dispatch":
      return ["It was sent: from here on it may exist at the venue."];
    case "outcome":
      return [
        ...record.exchanges.map(
          ({ questionIds, text, answer }) =>
            `The venue asked (${questionIds.join(", ")}): "${untrustedText(text, TEXT)}" It was ${answer}.`,
        ),
        outcomeWords(record),
      ];
    case "resolution":
      return [`The venue showed it as order ${record.orderId}: ${stateWords(record)}.`];
    case "fill": {
      const fee = record.fee === null ? "fee not known yet" : `fee ${record.fee}`;
      return [
        `Filled ${record.quantity} at ${record.price} (${fee}), executed ${record.executedAt}, execution ${record.executionId}.`,
      ];
    }
    case "cancel":
      return [cancelWords(record)];
    case "absence":
      return [
        `A complete reading of ${record.readAt} lacked it: reading ${record.reading} in a row, with ${record.held} held.` +
          (record.presumed ? " It is presumed absent, and reserves nothing until it is found." : ""),
      ];
    case "dry_run":
      return [`Dry run, nothing was sent: ${orderWords(record.order)}.`, ...checkWords(record.checks)];
    case "operator":
      return [
        `The operator (${untrustedText(record.user, 64)}) declared it ${declaredWords(record)}. ` +
          `The venue was read right before: ${untrustedText(record.saw, TEXT)}.`,
      ];
    default:
      return [`A record of the kind ${untrustedText(record.kind, 32)}.`];
  }
}

function declaredWords(record: JournalRecord & { kind: "operator" }): string {
  if (record.as === "not_placed") return "not placed";
  if (record.filled === undefined) return "placed";
  const price = record.price === undefined ? "" : ` at ${record.price} on average`;
  return `placed and over, with ${record.filled} filled${price}`;
}

function orderWords(order: JournaledOrder): string {
  const size = order.quantity ?? `${order.cashAmount} ${order.currency} of`;
  const limit = order.limitPrice === null ? "" : ` limit ${order.limitPrice}`;
  const stop = order.stopPrice === null ? "" : ` stop ${order.stopPrice}`;
  const trail = order.trailAmount ?? (order.trailPercent && `${order.trailPercent} %`);
  const distance = trail === undefined ? "" : ` trailing by ${trail}`;
  const bracket =
    order.takeProfit === undefined
      ? ""
      : `, as a bracket with take-profit ${order.takeProfit} and stop-loss ${order.stopLoss}`;
  return untrustedText(
    `${order.side} ${size} ${order.symbol}, ${order.orderType}${stop}${limit}${distance}, ${order.timeInForce}${bracket}`,
    TEXT,
  );
}

function checkWords(checks: Check[]): string[] {
  const passed = checks.filter((check) => check.verdict === "pass").map((check) => check.rule);
  const others = checks.filter((check) => check.verdict !== "pass");
  return [
    `Passed: ${passed.join(", ") || "none"}.`,
    ...others.map((check) => `${check.verdict}: ${check.rule}, ${untrustedText(check.message, TEXT)}`),
  ];
}

function outcomeWords(record: JournalRecord & { kind: "outcome" }): string {
  const why = record.reason === null ? "" : `: ${untrustedText(record.reason, TEXT)}`;
  switch (record.outcome) {
    case "acknowledged":
      return `The venue took it as order ${record.orderId}: ${stateWords(record)}.`;
    case "rejected":
      return `The venue did not take it${why}.`;
    case "not_sent":
      return `It was not sent${why}.`;
    case "unknown":
      return `The venue's answer does not say what became of it${why}. It counts as if it existed.`;
  }
}

function stateWords(record: { status: string; filledQuantity: string | null; averagePrice: string | null }) {
  if (record.filledQuantity === null) return record.status;
  const price = record.averagePrice === null ? "" : ` at ${record.averagePrice} on average`;
  return `${record.status}, ${record.filledQuantity} filled${price}`;
}

function cancelWords(record: JournalRecord & { kind: "cancel" }): string {
  const why = record.reason === null ? "" : `: ${untrustedText(record.reason, TEXT)}`;
  if (record.phase === "intent") return `A cancel of order ${record.orderId} was about to be sent.`;
  switch (record.outcome) {
    case "done":
      return `The venue confirmed the end of order ${record.orderId}.`;
    case "requested":
      return `The venue took the cancel and has not confirmed it yet${why}.`;
    case "rejected":
      return `The venue did not cancel it${why}.`;
    case "not_sent":
      return `The cancel was not sent${why}.`;
    default:
      return `Whether the cancel arrived is not known${why}.`;
  }
}

function endOf(order: LedgerOrder): string {
  const filled = countedQuantity(order).toFixed();
  const of = order.order.quantity === null ? "" : ` of ${order.order.quantity}`;
  return `By these records it is ${PHASES[order.phase]} now, with status ${order.status} and ${filled}${of} filled.`;
}

const PHASES: Record<LedgerOrder["phase"], string> = {
  intended: "intended and not sent",
  dispatched: "sent and without an answer",
  working: "working",
  unresolved: "of unknown fate",
  done: "done",
};
