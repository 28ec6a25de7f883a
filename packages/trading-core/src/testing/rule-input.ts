import { decimal } from "../domain/money.ts";
import type { OrderIntent } from "../domain/order.ts";
import { read, unread } from "../domain/reading.ts";
import type { RuleInput } from "../guard/facts.ts";
import { MORNING, policyOf, quoteOf, stock } from "./fixtures.ts";
import { story } from "./ledger-of.ts";

const AAPL = stock("AAPL");
const NOW = Date.parse(MORNING);

/** What differs from the plainest case. */
export interface RuleChange {
  intent?: Partial<OrderIntent>;
  facts?: Partial<RuleInput["facts"]>;
  policy?: Partial<RuleInput["policy"]>;
  isExit?: boolean;
}

/** What a rule is asked with: a market buy of one AAPL at 100 on a paper account, with nothing in its way. */
export function ruleInput(change: RuleChange = {}): RuleInput {
  return {
    intent: {
      clientOrderId: "new",
      instrument: AAPL,
      side: "BUY",
      orderType: "market",
      quantity: decimal(1),
      cashAmount: null,
      limitPrice: null,
      stopPrice: null,
      timeInForce: "DAY",
      priceBound: null,
      ...change.intent,
    },
    facts: {
      now: NOW,
      day: "2026-06-10",
      onDay: () => true,
      tradingState: { state: "ACTIVE", reason: "" },
      identity: { kind: "verified", identity: { accountId: "DU1", isPaper: true, evidence: "e" } },
      boundAccount: null,
      quote: read(quoteOf(AAPL, NOW), NOW),
      rate: { kind: "known", from: "USD", to: "USD", rate: decimal(1), asOf: NOW },
      hours: { kind: "open", source: "test", closes: null },
      holdings: { kind: "known", low: decimal(0), high: decimal(0), note: "n" },
      reduction: { kind: "entry", reason: "a buy with no short to cover" },
      acquired: null,
      pays: null,
      foreignOrders: read([], NOW),
      othersWorking: [],
      otherWriters: [],
      dailyPnl: unread("not asked"),
      nextTradingDay: "2026-06-11",
      lossStop: null,
      clockSkewMs: 0,
      orphanedExits: [],
      ledger: story().ledger,
      replaces: [],
      expectedFee: decimal(0),
      worstCase: {
        kind: "priced",
        value: decimal(100),
        local: decimal(100),
        price: decimal(100),
        basis: "b",
      },
      ...change.facts,
    },
    policy: policyOf(change.policy),
    isExit: change.isExit ?? false,
  };
}
