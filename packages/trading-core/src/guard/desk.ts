import type { Identity } from "../domain/account.ts";
import type { VenueOrder } from "../domain/order.ts";
import type { Journal } from "../journal/journal.ts";
import type { Journals } from "../journal/journals.ts";
import type { Broker } from "../ports/broker.ts";
import type { Clock } from "../ports/clock.ts";
import type { MarketData } from "../ports/market-data.ts";
import type { Session } from "../ports/session.ts";
import type { Ending } from "./ending.ts";
import type { IdentityFact } from "./facts.ts";
import type { Policy } from "./policy.ts";
import type { StateFile } from "./trading-state.ts";

/** What the operator's log is told; never the agent. */
export interface Log {
  info(fields: Record<string, unknown>, message: string): void;
  warn(fields: Record<string, unknown>, message: string): void;
  error(fields: Record<string, unknown>, message: string): void;
}

/** Everything that the guard's parts share. Made once in `createGuardedBroker`, and nowhere else. */
export interface Desk {
  broker: Broker;
  marketData: MarketData;
  session: Session;
  policy: Policy;
  journals: Journals;
  tradingState: StateFile;
  clock: Clock;
  log: Log;
  newClientOrderId(): string;
  /** How every client order id of this state folder begins: four characters. */
  idPrefix: string;
  /** The first verified identity: this process trades for no other account until it is restarted (S34). */
  bound: { identity: Identity; verifiedAt: number } | null;
  /** The account that the venue named last: compared between a decision and its dispatch (S11). */
  account: string | null;
  /** Orders of others when the venue's list could last be relied on; they reserve while it cannot. */
  foreign: VenueOrder[];
  /** Client order ids of another state folder's journal that were seen on the account today (S25). */
  otherWriters: string[];
  /** Whether this server is ending, and how much it hurries. */
  ending: Ending;
  /** The reading of executions that runs now, if one does. */
  collecting: Promise<void> | null;
}

/** Reads who the venue says we are, and remembers the first answer. */
export async function identityFact(desk: Desk): Promise<IdentityFact> {
  try {
    const identity = await desk.session.identity();
    desk.account = identity.accountId;
    if (desk.bound === null && isOurs(identity, desk.policy)) {
      desk.bound = { identity, verifiedAt: desk.clock.monotonic() };
    } else if (desk.bound?.identity.accountId === identity.accountId) {
      desk.bound.verifiedAt = desk.clock.monotonic();
    }
    return { kind: "verified", identity };
  } catch (error) {
    // Serves exits: an identity verified a moment ago may still carry them; entries are refused by the rule.
    const reason = error instanceof Error ? error.message : String(error);
    if (desk.bound === null) return { kind: "unread", reason };
    return {
      kind: "remembered",
      identity: desk.bound.identity,
      ageMs: desk.clock.monotonic() - desk.bound.verifiedAt,
      reason,
    };
  }
}

/** Whether the configuration means this account; another one binds nothing, since nothing is traded on it. */
function isOurs(identity: Identity, policy: Policy): boolean {
  if (policy.accountId !== null && policy.accountId !== identity.accountId) return false;
  return identity.isPaper === (policy.mode !== "live");
}

/** The journal that a decision belongs to: the account's, or the one for refusals without an account. */
export function journalFor(desk: Desk, fact: IdentityFact): Journal {
  return desk.journals.of(accountOf(fact));
}

export function accountOf(fact: IdentityFact): string | null {
  return fact.kind === "unread" ? null : fact.identity.accountId;
}
