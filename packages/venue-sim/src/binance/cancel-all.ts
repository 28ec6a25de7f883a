import { cancel, type Exchange } from "../exchange/exchange.ts";
import type { Order } from "../market/order.ts";
import { workingOrders } from "./cancel.ts";
import { refuse } from "./errors.ts";
import { cancelledListReport, ordersOfList } from "./order-list-rows.ts";
import { cancelledRow } from "./order-rows.ts";
import { listNumberOf } from "./order-words.ts";
import type { Parameters } from "./parameters.ts";
import { nameFor } from "./place-order.ts";
import { symbolIn } from "./symbols.ts";

/** DELETE openOrders: everything of one symbol; single orders and whole lists in one answer. */
export function cancelAll(exchange: Exchange, parameters: Parameters): unknown {
  const working = workingOrders(exchange, symbolIn(exchange, parameters));
  if (working.length === 0) return refuse(-2011, "Unknown order sent.");
  cancel(exchange, working);
  const seen = new Set<number>();
  return working.flatMap((order: Order) => {
    const list = listNumberOf(order);
    if (list === -1) {
      // Filled at the last moment: it was not cancelled, so it is not among the cancelled.
      return order.state === "cancelled"
        ? [cancelledRow(exchange, order, nameFor(`cancel ${order.id}`))]
        : [];
    }
    if (seen.has(list)) return [];
    seen.add(list);
    const orders = ordersOfList([...exchange.engine.state.orders.values()], list);
    return [cancelledListReport(exchange, orders, nameFor(`cancel list ${list}`))];
  });
}
