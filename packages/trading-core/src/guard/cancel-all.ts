import { messageOf } from "../domain/errors.ts";
import { ZERO } from "../domain/money.ts";
import type { Journal } from "../journal/journal.ts";
import { filledQuantity, type LedgerOrder } from "../journal/ledger-order.ts";
import type { CancelAllAnswer, CancelAllRequest, CancelScope } from "./answers.ts";
import { leftUnprotected, refuseOnWrongAccount } from "./cancel-order.ts";
import type { Desk } from "./desk.ts";
import { bracketOf } from "./groups.ts";
import { cancelAndWait, plansUnderWay, sweep } from "./halt.ts";
import { accountJournal, refresh } from "./orders.ts";

/**
 * Cancels the working orders of this journal that the scope names (S31), each with its own records. Others'
 * orders are counted and left. Throws a TradingError only while nothing was sent; from the first cancel on,
 * what fails is told in the answer.
 */
export async function cancelAll(desk: Desk, request: CancelAllRequest): Promise<CancelAllAnswer> {
  const journal = await accountJournal(desk);
  await refuseOnWrongAccount(desk);
  const isMeant = await symbolFilter(desk, journal, request.symbol);
  const { scope } = request;
  const answer: CancelAllAnswer = {
    scope,
    dryRun: desk.policy.dryRun,
    complete: false,
    orders: [],
    left: { entries: 0, exits: 0, foreign: null },
    unread: [],
    warnings: [],
  };
  try {
    await sweep(desk, journal, answer);
  } catch (error) {
    // Serves exits too: what the journal knows of is cancelled all the same, and the answer is not complete.
    answer.unread.push(`working orders: ${messageOf(error)}`);
  }
  // A close puts protection back that it has cancelled: what it places after this look is not in it.
  answer.unread.push(...plansUnderWay(journal));
  const before = journal.ledger.openOrders().filter(isMeant);
  const kept = new Set<LedgerOrder>();
  // Entries first: an exit that goes before the entry that it protects leaves bare what that still fills.
  for (const exit of [false, true]) {
    if (!inScope(scope, exit)) continue;
    const wanted = journal.ledger.openOrders().filter((own) => own.exit === exit && isMeant(own));
    const results = await Promise.all(
      wanted.map(async (own) => {
        const result = await one(desk, journal, own, scope);
        if (result.kept) kept.add(own);
        return { ...result.told, exit };
      }),
    );
    answer.orders.push(...results);
  }
  const open = journal.ledger.openOrders();
  const outside = open.filter((own) => !(isMeant(own) && inScope(scope, own.exit)));
  answer.left.entries = outside.filter((own) => !own.exit).length;
  answer.left.exits = outside.filter((own) => own.exit).length;
  answer.warnings = [...new Set(before.flatMap((own) => unprotectedBy(journal, own)))];
  answer.complete =
    !answer.dryRun &&
    answer.unread.length === 0 &&
    kept.size === 0 &&
    answer.orders.every((each) => each.confirmed);
  return answer;
}

function inScope(scope: CancelScope, exit: boolean): boolean {
  return scope === "all" || (scope === "exits") === exit;
}

/** By instrument, so that two spellings are one; where the venue does not say, by the journal's own word. */
async function symbolFilter(
  desk: Desk,
  journal: Journal,
  symbol: string | null,
): Promise<(own: LedgerOrder) => boolean> {
  if (symbol === null) return () => true;
  try {
    const { id } = await desk.marketData.resolve(symbol);
    return ({ order }) => order.instrumentId === id;
  } catch (error) {
    // Serves exits too: an order that works under this very symbol may be cancelled while its listing is unread.
    const bySymbol = ({ order }: LedgerOrder) => order.symbol === symbol;
    if (journal.ledger.openOrders().some(bySymbol)) return bySymbol;
    throw error;
  }
}

type Told = Omit<CancelAllAnswer["orders"][number], "exit">;

async function one(
  desk: Desk,
  journal: Journal,
  own: LedgerOrder,
  scope: CancelScope,
): Promise<{ told: Told; kept: boolean }> {
  const why = reasonToKeep(desk, journal, own, scope);
  if (why !== null) {
    const { clientOrderId, orderId, status, order } = own;
    const told = { clientOrderId, orderId, symbol: order.symbol, status, confirmed: false, message: why };
    return { told, kept: true };
  }
  const told = await cancelAndWait(desk, journal, own);
  await refreshLegs(desk, journal, own);
  return { told, kept: false };
}

/** Why an order in the scope is not cancelled; null where it is. */
function reasonToKeep(desk: Desk, journal: Journal, own: LedgerOrder, scope: CancelScope): string | null {
  const halted = desk.tradingState.read().state === "HALTED";
  if (own.exit && halted) {
    return "Not cancelled: trading is halted, and an exit that is cancelled now could not be placed again.";
  }
  if ((scope === "entries" || halted) && protectsWhatItFilled(journal, own)) {
    return (
      "Not cancelled: it has filled in part, and the venue takes a bracket's exits away with its entry. " +
      `cancel_order with ${own.orderId ?? own.clientOrderId} ends it; then protect what is held with stop_order.`
    );
  }
  return desk.policy.dryRun
    ? `Dry run: the cancel was not sent. The operator turns dry run off with ${desk.policy.settings.dryRun}=false.`
    : null;
}

/** A bracket's entry that holds something which its own exits protect (S31). */
function protectsWhatItFilled(journal: Journal, own: LedgerOrder): boolean {
  if (own.exit || filledQuantity(own).lte(ZERO)) return false;
  return bracketOf(journal.ledger, own).some((leg) => leg.exit && leg.phase !== "done");
}

/** What became of a bracket's exits when its entry was cancelled, and of what it filled meanwhile. */
async function refreshLegs(desk: Desk, journal: Journal, own: LedgerOrder): Promise<void> {
  if (own.exit || own.group === null) return;
  try {
    await refresh(desk, journal, own);
  } catch (error) {
    // Serves both: exits that are not read count as working, and are told as left.
    desk.log.warn({ error: messageOf(error) }, "the exits of a cancelled bracket could not be read");
  }
}

/** A stop that this sweep ended, its own fill apart; of a bracket, only where the entry has bought something. */
function unprotectedBy(journal: Journal, own: LedgerOrder): string[] {
  if (own.phase !== "done" || own.status === "filled") return [];
  const [entry] = bracketOf(journal.ledger, own);
  if (entry && filledQuantity(entry).lte(ZERO)) return [];
  return leftUnprotected(journal, own);
}
