import { loadNyseCalendar } from "../calendar/nyse.ts";
import type { Fill, OrderStatus, VenueOrder } from "../domain/order.ts";
import type { Reading } from "../domain/reading.ts";
import type { Ledger } from "../journal/ledger.ts";
import { isOfUnknownFate, type LedgerOrder } from "../journal/ledger-order.ts";
import type { Desk } from "./desk.ts";
import { fillsForDecision, readFills } from "./executions.ts";
import type { News } from "./sync.ts";

/** What the venue says about orders of ours, asked one by one, with the executions that this needs. */
export async function lookAtOwn(
  desk: Desk,
  ledger: Ledger,
  orders: LedgerOrder[],
  listed: () => Promise<Reading<VenueOrder[]>>,
): Promise<Pick<News, "single" | "fills" | "gone">> {
  const [looks, fills] = await Promise.all([readEach(desk, orders), fillsForDecision(desk, ledger)]);
  const seen = looks.flatMap(({ order, began }) => (order === null ? [] : [{ order, began }]));
  const single = [...seen, ...(await readUnseenChildren(desk, ledger, seen))];
  const unknown = looks.filter((look) => look.order === null);
  const gone = await goneAmong(desk, ledger, unknown, listed, fills);
  return { single, ...gone };
}

/**
 * The children that a bracket's entry names and the ledger has not seen yet: they bear no id of ours, and a
 * list need not say whose they are.
 */
async function readUnseenChildren(desk: Desk, ledger: Ledger, seen: News["single"]): Promise<News["single"]> {
  const ids = seen
    .flatMap(({ order }) => order.childOrderIds ?? [])
    .filter((id) => ledger.byOrderId(id) === null)
    .slice(0, MOST_LOOKS);
  const found = await Promise.all(
    ids.map(async (id) => {
      const began = desk.clock.now();
      try {
        const order = await desk.broker.order(id);
        return order === null ? [] : [{ order, began }];
      } catch {
        // Serves both: what is not read stays of unknown fate, and reserves in full.
        return [];
      }
    }),
  );
  return found.flat();
}

interface Look {
  own: LedgerOrder;
  /** Null when the venue says that it does not know the order. */
  order: VenueOrder | null;
  began: number;
}

/** More open orders than this are read in later decisions: each costs one request of the venue's budget. */
const MOST_LOOKS = 8;

/** Whether the venue can be asked for this order alone: by its own id, or by ours where it takes that. */
export function canBeAsked(desk: Desk, own: LedgerOrder): boolean {
  if (own.orderId !== null) return true;
  return desk.broker.byClientOrderId !== undefined && own.phase !== "intended" && own.phase !== "done";
}

async function ask(desk: Desk, own: LedgerOrder): Promise<VenueOrder | null> {
  if (own.orderId !== null) return await desk.broker.order(own.orderId);
  return (await desk.broker.byClientOrderId?.(own.clientOrderId, own.order.symbol)) ?? null;
}

async function readEach(desk: Desk, orders: LedgerOrder[]): Promise<Look[]> {
  const looks = await Promise.all(
    orders.slice(0, MOST_LOOKS).map(async (own): Promise<Look | null> => {
      if (!canBeAsked(desk, own)) return null;
      const began = desk.clock.now();
      try {
        return { own, order: await ask(desk, own), began };
      } catch {
        // Serves both: an unread order keeps reserving what it reserved.
        return null;
      }
    }),
  );
  return looks.filter((look) => look !== null);
}

/**
 * Orders that the venue has forgotten: it keeps what is done for the length of a session only. Not to be
 * listed proves nothing (S3). But an order that the venue says it does not know, that a newer list lacks,
 * and that cannot work any more, is over: its executions, which are kept for days, say with how much.
 */
async function goneAmong(
  desk: Desk,
  ledger: Ledger,
  unknown: Look[],
  listed: () => Promise<Reading<VenueOrder[]>>,
  known: Reading<Fill[]>,
): Promise<{ gone: NonNullable<News["gone"]>; fills: Reading<Fill[]> }> {
  // Of those of unknown fate, only what was seen there once has an id to ask for.
  const open = unknown.filter(({ own }) => own.phase === "working" || isOfUnknownFate(own));
  if (open.length === 0) return { gone: [], fills: known };
  const list = await listed();
  const missing = open.filter(({ own }) => isMissing(own, list));
  if (missing.length === 0) return { gone: [], fills: known };
  // Far enough back for those as well that nothing is known of: this reading stands for all of them.
  const lost = ledger.openOrders().filter(isOfUnknownFate);
  const fills = await readFills(desk, [...missing.map(({ own }) => own), ...lost]);
  if (fills.kind === "unread") return { gone: [], fills: known };
  const gone: NonNullable<News["gone"]> = [];
  for (const { own } of missing) {
    const status = await endOf(desk, own, fills.value);
    if (status !== null) gone.push({ clientOrderId: own.clientOrderId, status });
  }
  return { gone, fills };
}

function isMissing(own: LedgerOrder, list: Reading<VenueOrder[]>): boolean {
  return (
    list.kind === "read" &&
    list.began > own.lastAt &&
    !list.value.some((each) => each.orderId === own.orderId || each.clientOrderId === own.clientOrderId)
  );
}

/** How an order ended that the venue has forgotten; null when it may still work. */
async function endOf(desk: Desk, own: LedgerOrder, fills: Fill[]): Promise<OrderStatus | null> {
  // A buy by amount is filled at once or not at all: the venue ends it when the amount is spent.
  const executed = own.fills.size > 0 || fills.some((fill) => fill.orderId === own.orderId);
  if (own.order.cashAmount !== null && executed) return "filled";
  if (own.status === "inactive" && !executed && desk.clock.now() - own.lastAt > INACTIVE_MS) return "expired";
  // Never seen at work, so nothing says what it became: only the above is proof for such an order.
  if (isOfUnknownFate(own)) return null;
  return own.order.timeInForce !== "GTC" && (await isDayOver(desk, own)) ? "expired" : null;
}

/**
 * The venue drops a question that nobody answers, and the order with it, after about a minute. What was last
 * seen inactive, and is forgotten this long after, has never worked.
 */
const INACTIVE_MS = 120_000;

/** After the regular session a day order may work in the extended one, which ends four hours later. */
const EXTENDED_MS = 4.5 * 60 * 60_000;

/** The session that the order was placed in, or for, has ended; never for a market without sessions. */
async function isDayOver(desk: Desk, own: LedgerOrder): Promise<boolean> {
  if (desk.policy.calendar !== "nyse") return false;
  const calendar = await loadNyseCalendar();
  const placed = new Date(own.intentAt);
  const session = calendar.currentSession(placed) ?? calendar.nextSession(placed);
  return desk.clock.now() > session.closes.getTime() + EXTENDED_MS;
}
