import type { LedgerOrder } from "./ledger-order.ts";

/** Orders in the order of their intents, of which the latest can be had without a walk over all. */
export interface Timeline {
  add(order: LedgerOrder): void;
  /** Orders whose intent is from this instant (epoch milliseconds) or later, oldest first. */
  since(at: number): LedgerOrder[];
  drop(gone: ReadonlySet<LedgerOrder>): void;
  readonly size: number;
}

export function createTimeline(): Timeline {
  let orders: LedgerOrder[] = [];
  // The latest intent up to each place. A clock that was set back leaves earlier times after later ones;
  // this never falls, so the search may end where it does.
  let latest: number[] = [];

  function add(order: LedgerOrder): void {
    latest.push(Math.max(latest.at(-1) ?? Number.NEGATIVE_INFINITY, order.intentAt));
    orders.push(order);
  }

  return {
    add,
    since(at) {
      const found: LedgerOrder[] = [];
      for (let index = orders.length - 1; index >= 0; index--) {
        if ((latest[index] ?? at) < at) break;
        const order = orders[index];
        if (order && order.intentAt >= at) found.push(order);
      }
      return found.reverse();
    },
    drop(gone) {
      const left = orders.filter((order) => !gone.has(order));
      orders = [];
      latest = [];
      for (const order of left) add(order);
    },
    get size() {
      return orders.length;
    },
  };
}
