import { Big } from "../market/decimal.ts";
import type { OrderChanges } from "../market/events.ts";
import type { Order } from "../market/order.ts";
import { isWorking } from "../market/order.ts";
import { knownAccount } from "./accounts.ts";
import type { Conversation } from "./conversations.ts";
import { bodyObject, type Gateway, type GatewayRequest, param } from "./gateway.ts";
import { statusOf } from "./order-words.ts";
import { isSuppressed, kindsOf, type Question, questionsAbout } from "./questions.ts";
import { refusalAtEntry, refusalAtSubmit } from "./refusals.ts";
import { brokerError, json, type Reply, webError } from "./reply.ts";
import { parseTicket, type Ticket, ticketsOf } from "./tickets.ts";

const MOST_SUPPRESSED = 51;

export function placeOrders(request: GatewayRequest, gateway: Gateway): Reply {
  gateway.conversations.interrupt();
  const account = knownAccount(request, gateway);
  if (account === null) {
    return webError(400, `Bad Request: accountId is not valid: ${param(request, "accountId")}`);
  }
  const raw = ticketsOf(request.body);
  if (raw === null) return webError(400, "Bad Request: Missing order parameters");
  const tickets: Ticket[] = [];
  for (const item of raw) {
    const parsed = parseTicket(item, account);
    if (!parsed.ok) return parsed.reply;
    tickets.push(parsed.value);
  }
  const lone = tickets.filter((ticket) => ticket.parentReference === null && !ticket.singleGroup);
  if (lone.length > 1) return webError(400, "Bad Request: one order at a time, brackets and groups excepted");
  for (const ticket of tickets) {
    const refusal = refusalAtEntry(gateway, ticket);
    if (refusal !== null) return brokerError(refusal);
    if (gateway.overrides.fillCeiling !== undefined)
      ticket.draft.fillCeiling = new Big(gateway.overrides.fillCeiling);
  }
  const questions = tickets.flatMap((ticket) => questionsAbout(gateway, ticket));
  return proceed(gateway, {
    replyId: gateway.nextReplyId(),
    account,
    tickets: tickets.map((ticket) => ({ id: gateway.engine.nextOrderId(), ticket })),
    modification: null,
    questions: unsuppressed(gateway, dedupe(questions)),
    askedAt: gateway.clock.now(),
    ...(gateway.overrides.ticketsLanding !== undefined && { landing: gateway.overrides.ticketsLanding }),
  });
}

/** A bracket's legs raise the same confirmation once. */
function dedupe(questions: Question[]): Question[] {
  const seen = new Set<string>();
  return questions.filter((question) => {
    const key = question.texts.join();
    return !seen.has(key) && seen.add(key);
  });
}

function unsuppressed(gateway: Gateway, questions: Question[]): Question[] {
  return questions.filter((question) => !isSuppressed(gateway, question));
}

/** Asks the next question, or does what was asked for. */
function proceed(gateway: Gateway, conversation: Conversation): Reply {
  const [question] = conversation.questions;
  if (question !== undefined) {
    gateway.conversations.open(conversation);
    return json([questionRow(conversation.replyId, question)]);
  }
  gateway.conversations.forgetTickets(conversation.tickets.map(({ id }) => id));
  const { asked } = gateway.session.warmth();
  for (const { ticket } of conversation.tickets) {
    for (const kind of kindsOf(ticket)) asked.add(kind);
  }
  if (conversation.modification !== null) return finishModification(gateway, conversation);
  for (const { ticket } of conversation.tickets) {
    const refusal = refusalAtSubmit(gateway, ticket);
    if (refusal !== null) return brokerError(refusal);
  }
  return json(submitted(gateway, conversation));
}

function questionRow(id: string, question: Question) {
  return {
    id,
    message: question.texts,
    isSuppressed: false,
    messageIds: question.messageIds,
    ...(question.suppressible
      ? { isSuppressible: true, defaultSuppressionOption: "Accept and Continue" }
      : {}),
    messageOptions: question.options,
  };
}

/** Hands the tickets to the engine: on return they are durable. */
function submitted(gateway: Gateway, conversation: Conversation) {
  const parent = conversation.tickets.find(({ ticket }) => ticket.parentReference === null);
  const inGroup = conversation.tickets.some(({ ticket }) => ticket.singleGroup);
  const entries = conversation.tickets.slice(0, conversation.landing).map(({ id, ticket }) => {
    const isChild = ticket.parentReference !== null && parent !== undefined;
    const parentId = isChild ? parent.id : findParent(gateway, ticket);
    const group = parentId !== null ? `parent ${parentId}` : inGroup ? `group ${parent?.id ?? id}` : null;
    return { id, draft: { ...ticket.draft, parentId, group } };
  });
  const orders = gateway.engine.submit(entries);
  return orders.map((order) => resultRow(gateway, order, orders.length > 1));
}

/** A child may come in a request of its own, naming a parent that is already there. */
function findParent(gateway: Gateway, ticket: Ticket): number | null {
  if (ticket.parentReference === null) return null;
  const found = [...gateway.engine.state.orders.values()].findLast(
    (order) => order.clientOrderId === ticket.parentReference && order.account === ticket.draft.account,
  );
  return found?.id ?? null;
}

function resultRow(gateway: Gateway, order: Order, oneOfSeveral: boolean) {
  return {
    order_id: String(order.id),
    ...(oneOfSeveral ? { local_order_id: order.clientOrderId ?? "" } : {}),
    ...(order.parentId === null ? {} : { parent_order_id: String(order.parentId) }),
    order_status: statusOf(gateway, order),
    encrypt_message: "1",
  };
}

export function replyToQuestion(request: GatewayRequest, gateway: Gateway): Reply {
  const replyId = param(request, "replyId");
  const conversation = gateway.conversations.take(replyId);
  if (conversation === null) return brokerError(`reply id not found: '${replyId}'`, 400);
  if (bodyObject(request).confirmed !== true) {
    gateway.conversations.forgetTickets(conversation.tickets.map(({ id }) => id));
    return brokerError("Order not confirmed ");
  }
  return proceed(gateway, {
    ...conversation,
    replyId: gateway.nextReplyId(),
    questions: unsuppressed(gateway, conversation.questions.slice(1)),
  });
}

/** The order in a path, provided it is one that this account can see. */
function orderInPath(request: GatewayRequest, gateway: Gateway): Order | null {
  const order = gateway.engine.state.orders.get(Number(param(request, "orderId")));
  return order !== undefined && order.account === knownAccount(request, gateway) ? order : null;
}

const unknownOrder = (request: GatewayRequest) =>
  brokerError(`OrderID ${param(request, "orderId")} doesn't exist`, 400);

export function modifyOrder(request: GatewayRequest, gateway: Gateway): Reply {
  gateway.conversations.interrupt();
  const order = orderInPath(request, gateway);
  if (order === null) return unknownOrder(request);
  if (!isWorking(order))
    return brokerError(`Order is already ${order.state === "filled" ? "filled" : "done"}`, 400);
  const parsed = parseTicket(bodyObject(request), order.account);
  if (!parsed.ok) return parsed.reply;
  const { draft } = parsed.value;
  if (draft.conid !== order.conid || draft.side !== order.side) {
    return brokerError("Order contract and side can not be modified");
  }
  if (draft.quantity?.lt(order.filled))
    return brokerError("The order's size can not be less than what is filled");
  const changes: OrderChanges = {
    type: draft.type,
    timeInForce: draft.timeInForce,
    quantity: draft.quantity,
    limitPrice: draft.limitPrice,
    stopPrice: draft.stopPrice,
    trailingAmount: draft.trailingAmount,
    outsideRegularHours: draft.outsideRegularHours,
  };
  const ticket: Ticket = { ...parsed.value, parentReference: order.parentId === null ? null : "parent" };
  return proceed(gateway, {
    replyId: gateway.nextReplyId(),
    account: order.account,
    tickets: [{ id: order.id, ticket }],
    modification: { id: order.id, changes },
    questions: unsuppressed(gateway, questionsAbout(gateway, ticket)),
    askedAt: gateway.clock.now(),
  });
}

function finishModification(gateway: Gateway, conversation: Conversation): Reply {
  const { modification } = conversation;
  const order = modification === null ? undefined : gateway.engine.state.orders.get(modification.id);
  if (modification === null || order === undefined || !isWorking(order)) {
    return brokerError("Order can not be modified any more", 400);
  }
  gateway.engine.modify(modification.id, modification.changes);
  return json([resultRow(gateway, order, false)]);
}

/** A request to cancel, no more: a fill can still come first. `-1` means every order of the account. */
export function cancelOrder(request: GatewayRequest, gateway: Gateway): Reply {
  gateway.conversations.interrupt();
  const account = knownAccount(request, gateway);
  const id = Number(param(request, "orderId"));
  if (id === -1 && account !== null) {
    for (const order of gateway.engine.state.orders.values()) {
      if (order.account === account && isWorking(order)) gateway.engine.requestCancel(order.id);
    }
    return json({ msg: "Request was submitted", order_id: -1, conid: -1, account: null });
  }
  if (gateway.conversations.inactiveTicket(id) !== null) return brokerError("Order is inactive", 400);
  const order = orderInPath(request, gateway);
  if (order === null) return unknownOrder(request);
  if (order.state === "rejected") return brokerError("Order is inactive", 400);
  if (!isWorking(order)) {
    const what = order.state === "filled" ? "filled" : "cancelled";
    return brokerError(`Order ${order.id} is already ${what}`, 400);
  }
  gateway.engine.requestCancel(order.id);
  return json({
    msg: "Request was submitted",
    order_id: order.id,
    conid: order.conid,
    account: order.account,
  });
}

export function suppressQuestions(request: GatewayRequest, gateway: Gateway): Reply {
  const { messageIds } = bodyObject(request);
  if (!Array.isArray(messageIds) || messageIds.length === 0 || messageIds.length > MOST_SUPPRESSED) {
    return brokerError("messageIds", 500);
  }
  for (const id of messageIds) gateway.session.warmth().suppressed.add(String(id));
  return json({ status: "submitted" });
}

export function resetSuppressed(_request: GatewayRequest, gateway: Gateway): Reply {
  gateway.session.warmth().suppressed.clear();
  return json({ status: "submitted" });
}
