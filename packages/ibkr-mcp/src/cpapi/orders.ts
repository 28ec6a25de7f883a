import { TradingError } from "trading-core/domain/errors";
import type { Fill, VenueOrder } from "trading-core/domain/order";
import type { Broker } from "trading-core/ports/broker";
import type { Clock } from "trading-core/ports/clock";
import { errorText } from "./answer.ts";
import { cancelOrder } from "./cancel.ts";
import type { GatewayClient } from "./client.ts";
import { failureOf, unexpectedShape } from "./failures.ts";
import { asArray, asRecord } from "./loose.ts";
import { readListedOrder, readOrderStatus, readTrade } from "./order-rows.ts";
import { checkOrderId, route } from "./path.ts";
import type { Quotes } from "./quotes.ts";
import type { CpapiSession } from "./session.ts";
import { submitOrder } from "./submit.ts";
import { prepareOrder } from "./ticket.ts";
import { createWarmList } from "./warm-list.ts";
import { readPreview } from "./whatif.ts";

interface Options {
  client: GatewayClient;
  session: CpapiSession;
  quotes: Pick<Quotes, "warm">;
  clock: Clock;
}

const PREVIEW_TIMEOUT_MS = 15_000;
/** The venue takes five seconds to say that it does not know an order. */
const STATUS_TIMEOUT_MS = 8_000;

export function createBroker({ client, session, quotes, clock }: Options): Broker {
  const { generation } = session;
  const listed = createWarmList<VenueOrder>({
    clock,
    name: "orders",
    generation,
    async fetchRows(onStart) {
      // The list names no account in its path: another one's empty list would look like ours.
      await session.requireSelected();
      const body = await client.read({ method: "GET", path: "/iserver/account/orders", onStart });
      const rows = asArray(asRecord(body)?.orders);
      if (!rows) throw unexpectedShape("orders");
      return rows;
    },
    readRow: (row) => readListedOrder(row, ownAccount()),
  });
  const trades = new Map<number, ReturnType<typeof tradesOf>>();

  function tradesOf(days: number) {
    return createWarmList<Fill>({
      clock,
      name: "trades",
      generation,
      async fetchRows(onStart) {
        await session.requireSelected();
        // Without `days` the venue would use the number of the request before.
        const query = { days: String(days) };
        const call = { method: "GET", path: "/iserver/account/trades", query, onStart } as const;
        const rows = asArray(await client.read(call));
        if (!rows) throw unexpectedShape("trades");
        return rows;
      },
      readRow: (row) => readTrade(row, ownAccount()),
    });
  }

  function ownAccount(): string {
    const account = session.accountId();
    if (account !== null) return account;
    throw new TradingError(
      "account_unknown",
      "The account is not known yet: IBKR has not been asked for it.",
      "Call session_status first.",
      { retryable: true },
    );
  }

  /**
   * After a write of ours. The executions change with it. The list of orders is kept, because callers know
   * our own orders from the ledger and read them singly, and IBKR gives the list only every five seconds;
   * unless the fate of an order is unknown, which only a list from after it can tell.
   */
  function forgetLists(outcome: { kind: string }): void {
    if (outcome.kind === "unknown") listed.forget();
    for (const list of trades.values()) list.forget();
  }

  async function order(orderId: string): Promise<VenueOrder | null> {
    checkOrderId(orderId);
    const accountId = await session.requireAccount();
    const path = route`/iserver/account/order/status/${orderId}`;
    const answer = await client.call({ method: "GET", path, timeoutMs: STATUS_TIMEOUT_MS });
    const text = answer.kind === "json" ? errorText(answer.body) : null;
    if (answer.kind !== "failed") {
      // Both forms of "I do not know it": early and late in a ticket's life.
      if (answer.status === 404) return null;
      if (answer.status === 503 && text !== null && /not found/i.test(text)) return null;
    }
    const failure = failureOf(answer, { method: "GET", path, boxedUntil: client.lockedUntil() });
    if (failure) throw failure;
    const found = readOrderStatus(answer.kind === "json" ? answer.body : null, accountId);
    // Another account's order is none of this account's.
    if (found === "foreign") return null;
    if (found === null || found.orderId !== orderId) throw unexpectedShape("an order's status");
    return found;
  }

  return {
    takesBrackets: true,
    prepare: (intent) => prepareOrder(intent, ownAccount()),
    async preview({ request, intent }) {
      await quotes.warm(intent.instrument.id);
      const asked = { method: "POST", path: `${request.path}/whatif` } as const;
      const answer = await client.call({ ...asked, body: request.body, timeoutMs: PREVIEW_TIMEOUT_MS });
      // A refusal of the order is what was asked about, and no failure of the asking.
      const preview = answer.kind === "json" && answer.status === 200 ? readPreview(answer.body) : null;
      const failure = failureOf(answer, { ...asked, boxedUntil: client.lockedUntil() });
      if (failure && (preview === null || failure.code !== "refused_by_broker")) throw failure;
      if (!preview) throw unexpectedShape("the preview of an order");
      if (!intent.exits) return preview;
      const warning = "IBKR's estimate is of the entry alone: it does not look at a bracket's exits.";
      return { ...preview, warnings: [...preview.warnings, warning] };
    },
    async submit(prepared, gate) {
      const account = session.accountId();
      const own = account === null ? null : prepareOrder(prepared.intent, account);
      if (own === null || JSON.stringify(own.request) !== JSON.stringify(prepared.request)) {
        const reason = "The order was prepared for another account, or changed since.";
        return { kind: "not_sent", reason, code: "request_changed" };
      }
      const outcome = await submitOrder(client, { ...own, opensShort: prepared.opensShort === true }, gate);
      forgetLists(outcome);
      return outcome;
    },
    async cancel(orderId, gate) {
      checkOrderId(orderId);
      let accountId: string;
      try {
        accountId = await session.requireAccount();
      } catch (error) {
        if (!(error instanceof TradingError)) throw error;
        return { kind: "not_sent", reason: error.message, code: error.code };
      }
      const outcome = await cancelOrder({ client, clock, look: order }, accountId, orderId, gate);
      forgetLists(outcome);
      return outcome;
    },
    order,
    orders: () => listed.get(),
    async fills(days) {
      if (!Number.isInteger(days) || days < 1 || days > 7) {
        throw new TradingError("invalid_argument", "IBKR lists the trades of 1 to 7 days.", "Use 1 to 7.");
      }
      const list = trades.get(days) ?? tradesOf(days);
      trades.set(days, list);
      return await list.get();
    },
    checkOrderId: (orderId) => void checkOrderId(orderId),
  };
}
