import type { FaultAction } from "venue-sim";
import { expect } from "vitest";
import type { ToolAnswer } from "./built-server.ts";
import { type FaultyVenue, LEGS, ORDERS, PLACES, wordsOf } from "./faulty-venue.ts";

/** How a call ends that met a fault on the way of its order. */
export type Ending =
  /** The venue took it and said so. */
  | "taken"
  /** Its answer was lost, and the order was then found at the venue. */
  | "found"
  /** Proven that no order exists. */
  | "rejected"
  /** Nothing is proven. No order is at the venue, which nobody here can know. */
  | "unknown"
  /** Nothing is proven: the venue holds a ticket whose question nobody answered. */
  | "ticket";

export interface FaultCase {
  what: string;
  order: keyof typeof ORDERS;
  /** The order itself, or which of the replies to its questions: 1 for the first. */
  strikes: "order" | number;
  action: FaultAction;
  ends: Ending;
  /** What the answer has to name besides. */
  words?: RegExp;
  /** The code, where it is not the ending's usual one. */
  code?: string;
}

/** A fault on the way of one order, from the call to what the next one gets. */
export async function strike(venue: FaultyVenue, tried: FaultCase): Promise<void> {
  const symbol = venue.freshSymbol();
  const isExit = isExitCase(tried);
  if (isExit) venue.gateway.control.setPosition(symbol, 1, 50);
  const [tool, args] = ORDERS[tried.order](symbol);
  const committed = await venue.committed();
  venue.gateway.control.clearRequests();
  const place = tried.strikes === "order" ? PLACES.order : PLACES.reply;
  const lift = venue.fault(place, tried.action, { from: tried.strikes === "order" ? 1 : tried.strikes });

  const answer = await callUntilJudged(venue, tool, args);
  lift();
  // What the server opens again by itself is left to it; a login and another platform's session are not.
  if (["no_login", "competed"].includes(venue.gateway.control.session.state())) {
    venue.gateway.control.session.set("ready");
  }

  expect(venue.requests(PLACES.order), "order requests of one call").toBe(1);
  const isThere = tried.ends === "taken" || tried.ends === "found";
  expect(venue.orders(symbol), "orders at the venue").toHaveLength(isThere ? LEGS[tried.order] : 0);
  const id = expectEnding(answer, tried);
  expectJournal(venue, id, tried.ends);
  const commits = !isExit && tried.ends !== "rejected";
  const now = await venue.committed();
  if (commits) expect(now, "an order that may exist keeps its place in the day").toBeGreaterThan(committed);
  else expect(now, "what is proven not to exist is freed").toBe(committed);

  await expectNextCall(venue, tried, id);
  const seen = await venue.server.call("order_status", { order_id: id });
  expect(seen.data).toMatchObject({ client_order_id: id, ...STATUS[tried.ends] });
  if (LEGS[tried.order] > 1) expectLegs(seen, tried);
}

function isExitCase({ order }: FaultCase): boolean {
  return order === "stop" || order === "trail";
}

/** Of a bracket every leg has the fate of the whole; one that was found was found with its own id. */
function expectLegs({ data }: ToolAnswer, { order, ends }: FaultCase): void {
  const { legs } = data.group;
  expect(legs).toHaveLength(LEGS[order]);
  const word = ends === "rejected" ? "rejected" : "unknown";
  for (const leg of legs) {
    if (ends === "taken" || ends === "found") expect(leg.order_id).toMatch(/^\d+$/);
    else expect(leg.status, leg.role).toBe(word);
  }
}

const STATUS: Record<Ending, Record<string, unknown>> = {
  taken: { order_id: expect.stringMatching(/^\d+$/) },
  found: { order_id: expect.stringMatching(/^\d+$/) },
  rejected: { order_id: null, status: "rejected" },
  unknown: { order_id: null, status: "unknown", message: expect.stringMatching(/do not send it again/i) },
  ticket: { status: "unknown", message: expect.stringMatching(/inactive.*do not send it again/is) },
};

function expectEnding(answer: ToolAnswer, tried: FaultCase): string {
  const words = wordsOf(answer);
  expect(words.length).toBeLessThan(700);
  expect(words, "markup of the venue").not.toMatch(/<\/?[a-z!]/i);
  expect(words).toMatch(tried.words ?? /./);
  if (tried.ends === "taken" || tried.ends === "found") {
    expect(answer).toMatchObject({ ok: true, data: { dry_run: false } });
    if (tried.ends === "found") expect(words).toMatch(/answer was lost.*found at the venue.*sent once/);
    return answer.data.client_order_id;
  }
  expect(answer).toMatchObject({
    ok: false,
    isError: true,
    error: { next_step: expect.stringMatching(/\w/) },
  });
  const { error } = answer;
  if (tried.ends === "rejected") {
    expect(error).toMatchObject({ code: tried.code ?? "order_rejected", details: { outcome: "rejected" } });
    expect(error.message).toMatch(/did not take the order/);
    expect(error.next_step).toMatch(/^No order exists\. \w/);
  } else {
    expect(error).toMatchObject({
      code: "outcome_unknown",
      retryable: false,
      details: { outcome: "unknown" },
    });
    expect(error.message).toMatch(/was sent/);
    expect(error.next_step).toMatch(/^Do not send it again\. Call order_status with [a-z0-9]{18}/);
    expect(error.next_step).toContain(error.details.client_order_id);
  }
  return error.details.client_order_id;
}

/** On a machine under load a decision can be too old when its turn comes: it is made again, nothing was sent. */
async function callUntilJudged(venue: FaultyVenue, tool: string, args: object): Promise<ToolAnswer> {
  for (let tries = 1; ; tries += 1) {
    const answer = await venue.server.call(tool, { ...args });
    if (tries === 3 || !["busy", "decision_expired"].includes(answer.error?.code)) return answer;
  }
}

/** Intent, dispatch and outcome, in this order and once each, with the outcome that was told. */
function expectJournal(venue: FaultyVenue, id: string, ends: Ending): void {
  const records = venue.journaled(id);
  expect(records.slice(0, 3).map((record) => record.kind)).toEqual(["intent", "dispatch", "outcome"]);
  expect(records.filter((record) => record.kind === "dispatch")).toHaveLength(1);
  const outcomes = { taken: "acknowledged", found: "unknown", ticket: "unknown" } as Record<Ending, string>;
  expect(records[2]).toMatchObject({ outcome: outcomes[ends] ?? ends });
  // A list that was asked for too early is on record as one that lacked it.
  const next = records.slice(3).find((record) => record.kind !== "absence");
  if (ends === "found") expect(next?.kind).toMatch(/^(resolution|fill)$/);
}

/** The identical call made once more, when the fault is over. */
async function expectNextCall(venue: FaultyVenue, tried: FaultCase, id: string): Promise<void> {
  const symbol = venue.journaled(id)[0].order.symbol;
  const [tool, args] = ORDERS[tried.order](symbol);
  const before = venue.requests(PLACES.order);
  const again = await callUntilJudged(venue, tool, args);
  if (tried.ends === "rejected") {
    expect(again, `a corrected retry goes through: ${wordsOf(again)}`).toMatchObject({ ok: true });
    expect(venue.orders(symbol)).toHaveLength(LEGS[tried.order]);
    return;
  }
  expect(again).toMatchObject({ ok: false, error: { details: { outcome: "not_sent" } } });
  const rules = again.error.checks.map((check: { rule: string }) => check.rule);
  const isLost = tried.ends === "unknown" || tried.ends === "ticket";
  // What a lost exit may have taken is not there to be sold again: that is the proof which is missing then.
  expect(rules).toContain(isLost ? (isExitCase(tried) ? "oversell" : "unresolved") : "duplicate");
  // An exit that stands has taken what is held: what to do then is another question than where it is.
  const isStanding = isExitCase(tried) && !isLost;
  expect(wordsOf(again)).toMatch(isStanding ? /close_position|cancel_order/ : /order_status/);
  expect(venue.requests(PLACES.order), "nothing is sent for a refused order").toBe(before);
}
