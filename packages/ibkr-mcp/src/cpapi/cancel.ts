import { messageOf, TradingError } from "trading-core/domain/errors";
import { isTerminal, type VenueOrder } from "trading-core/domain/order";
import type { CancelOutcome } from "trading-core/domain/outcome";
import type { DispatchGate } from "trading-core/ports/broker";
import type { Clock } from "trading-core/ports/clock";
import { type Answer, describe, errorText } from "./answer.ts";
import type { GatewayClient } from "./client.ts";
import { asArray, asRecord, asText } from "./loose.ts";
import { route } from "./path.ts";
import { readQuestion } from "./replies.ts";

const CANCEL_TIMEOUT_MS = 10_000;
const CONFIRM_MS = 3_000;
const CONFIRM_PAUSE_MS = 500;

/** The venue's answer about an order that it refused, or whose question is unanswered. */
const NOTHING_TO_CANCEL = /order is inactive/i;

/** What the answer to a cancellation amounts to, before the order itself was looked at. */
type Reply = { kind: "accepted" | "refused" | "unproven"; reason: string };

/** The answer to DELETE is a receipt at best: that a request was submitted, not that an order is gone. */
export function readCancelAnswer(answer: Answer): Reply {
  if (answer.kind === "failed") return { kind: "unproven", reason: answer.detail };
  const text = answer.kind === "json" ? errorText(answer.body) : null;
  if (text !== null && (answer.status === 200 || answer.status === 400)) {
    return { kind: "refused", reason: `IBKR says: ${text}` };
  }
  if (answer.kind === "json" && answer.status === 200) {
    const question = readQuestion(answer.body);
    if (question !== null) {
      // Left unanswered: the order stays as it is, and a person reads what IBKR wants to know.
      const asked = question === "unreadable" ? "something" : question.text;
      return { kind: "accepted", reason: `IBKR asks before it cancels: ${asked}` };
    }
    const row = asRecord(asArray(answer.body)?.[0] ?? answer.body);
    if (asText(row?.msg) !== null || row?.order_id !== undefined) {
      return { kind: "accepted", reason: "the cancellation was submitted and is not confirmed yet" };
    }
  }
  if (answer.status === 404 || answer.status === 429 || answer.status === 403) {
    return { kind: "refused", reason: describe(answer) };
  }
  return { kind: "unproven", reason: describe(answer) };
}

interface Options {
  client: Pick<GatewayClient, "converse">;
  clock: Clock;
  /** The order as the venue knows it; null when it does not. */
  look: (orderId: string) => Promise<VenueOrder | null>;
}

/** Cancels one order and looks, for about 3 s, whether it is over: `done` only at a terminal status. */
export async function cancelOrder(
  { client, clock, look }: Options,
  accountId: string,
  orderId: string,
  gate: DispatchGate,
): Promise<CancelOutcome> {
  let begun = false;
  let reply: Reply;
  try {
    const answered = await client.converse<Reply | CancelOutcome>(gate.isExit, async (line) => {
      const go = await gate.begin();
      if (go.kind === "stop") return { kind: "not_sent", reason: go.reason, code: go.code };
      begun = true;
      const path = route`/iserver/account/${accountId}/order/${orderId}`;
      const signal = gate.hurry && { signal: gate.hurry };
      const answer = await line.send({ method: "DELETE", path, timeoutMs: CANCEL_TIMEOUT_MS, ...signal });
      if (answer.kind === "failed" && !answer.sent) {
        return { kind: "not_sent", reason: answer.detail, code: "gateway_unreachable" };
      }
      return readCancelAnswer(answer);
    });
    if (answered.kind === "not_sent") return answered;
    reply = answered as Reply;
  } catch (error) {
    const reason = messageOf(error);
    if (begun) return { kind: "unknown", reason };
    return { kind: "not_sent", reason, code: error instanceof TradingError ? error.code : "internal_error" };
  }
  return await confirm({ clock, look }, orderId, reply, gate.hurry);
}

async function confirm(
  { clock, look }: Pick<Options, "clock" | "look">,
  orderId: string,
  reply: Reply,
  hurry: AbortSignal | undefined,
): Promise<CancelOutcome> {
  const until = clock.monotonic() + CONFIRM_MS;
  let order: VenueOrder | null = null;
  while (!hurry?.aborted) {
    try {
      order = (await look(orderId)) ?? order;
    } catch {
      // The status is only looked at to say more; without it the answer stays what it was.
    }
    if (order && isTerminal(order.status)) return { kind: "done", order };
    // Both words together: the exchange refused it, and nothing is left of it to be cancelled.
    if (order?.status === "inactive" && NOTHING_TO_CANCEL.test(reply.reason)) {
      return { kind: "done", order: { ...order, status: "rejected" } };
    }
    // A refusal does not become anything else by waiting.
    if (reply.kind === "refused" || clock.monotonic() >= until) break;
    await clock.sleep(CONFIRM_PAUSE_MS, hurry);
  }
  if (reply.kind === "refused") return { kind: "rejected", reason: reply.reason, order };
  if (reply.kind === "unproven") return { kind: "unknown", reason: reply.reason };
  return { kind: "requested", reason: reply.reason, order };
}
