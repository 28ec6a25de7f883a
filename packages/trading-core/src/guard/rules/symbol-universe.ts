import { acquiredAsset, baseOf } from "../../domain/instrument.ts";
import type { RuleInput } from "../facts.ts";
import type { Rule } from "../rule.ts";
import { pass, refuse, skip, type Verdict } from "../verdict.ts";

/**
 * The operator's lists. `BTC` on one covers whatever brings BTC: buying `BTC/USDT`, and selling `ETH/BTC`,
 * which is an entry into BTC (S6).
 */
export const symbolUniverse: Rule = {
  name: "symbol-universe",
  refuses:
    "entries outside SYMBOL_ALLOWLIST or on SYMBOL_DENYLIST, and buying a cash currency that no allow-list names",
  exits: "exempt",
  codes: {
    symbol_denied: "The symbol is on the deny-list.",
    symbol_not_allowed: "There is an allow-list, and the symbol is not on it.",
    cash_not_traded: "What would be bought is cash, which is no position.",
  },
  check(input) {
    const { intent, policy, isExit } = input;
    if (isExit) return skip("exits are exempt");
    const { symbol } = intent.instrument;
    const denied = policy.denylist.find((entry) => covers(entry, input));
    if (denied !== undefined) {
      return refuse(
        "symbol_denied",
        `${symbol} is on the deny-list.`,
        "Choose another symbol; only the operator can change SYMBOL_DENYLIST.",
        { observed: symbol, limit: denied },
      );
    }
    const lists = [policy.allowlist, ...(policy.otherAllowlists ?? [])].filter(
      (list, index) => index > 0 || list.length > 0,
    );
    const missing = lists.find((list) => !list.some((entry) => covers(entry, input)));
    if (missing !== undefined) {
      return refuse(
        "symbol_not_allowed",
        `${symbol} is not on the allow-list${missing === policy.allowlist ? "" : " of another server of today"}.`,
        "Choose an allowed symbol; only the operator can change SYMBOL_ALLOWLIST.",
        { observed: symbol, limit: missing.join(",") },
      );
    }
    if (lists.length > 0) return pass("on the allow-list", { observed: symbol });
    return buysCash(input) ?? pass("no allow-list is set", { observed: symbol });
  },
};

function buysCash({ intent, policy }: RuleInput): Verdict | null {
  const bought = intent.side === "BUY" ? acquiredAsset(intent, intent.instrument) : null;
  if (bought === null || !policy.cashCurrencies.includes(bought)) return null;
  return refuse(
    "cash_not_traded",
    `${intent.instrument.symbol} buys ${bought}, which counts as cash here and is no position.`,
    `Pay with what is held. The operator can name ${bought} in SYMBOL_ALLOWLIST to allow it.`,
    { observed: bought, limit: policy.cashCurrencies.join(",") },
  );
}

/** Upper case on both sides, blanks aside: the symbol itself, or the asset that the entry is in. */
function covers(entry: string, { intent, policy }: RuleInput): boolean {
  const one = entry.trim().toUpperCase();
  const symbol = intent.instrument.symbol.trim().toUpperCase();
  const brought = acquiredAsset(intent, intent.instrument);
  // A sale for cash that is no proven exit is still about what it sells.
  const isSale = intent.side === "SELL" && brought !== null && policy.cashCurrencies.includes(brought);
  const asset = brought === null || isSale ? baseOf(symbol) : brought.toUpperCase();
  return one === symbol || one === asset;
}
