import type { Rule } from "../rule.ts";
import { pass, refuse, skip } from "../verdict.ts";

/** The operator's lists. An entry `BTC` covers the pair `BTC/USDT` as well. */
export const symbolUniverse: Rule = {
  name: "symbol-universe",
  refuses: "entries outside SYMBOL_ALLOWLIST or on SYMBOL_DENYLIST",
  exits: "exempt",
  codes: {
    symbol_denied: "The symbol is on the deny-list.",
    symbol_not_allowed: "There is an allow-list, and the symbol is not on it.",
  },
  check({ intent, policy, isExit }) {
    if (isExit) return skip("exits are exempt");
    const { symbol } = intent.instrument;
    const denied = policy.denylist.find((entry) => covers(entry, symbol));
    if (denied !== undefined) {
      return refuse(
        "symbol_denied",
        `${symbol} is on the deny-list.`,
        "Choose another symbol; only the operator can change SYMBOL_DENYLIST.",
        { observed: symbol, limit: denied },
      );
    }
    if (policy.allowlist.length === 0) return pass("no allow-list is set", { observed: symbol });
    if (policy.allowlist.some((entry) => covers(entry, symbol))) {
      return pass("on the allow-list", { observed: symbol });
    }
    return refuse(
      "symbol_not_allowed",
      `${symbol} is not on the allow-list.`,
      "Choose an allowed symbol; only the operator can change SYMBOL_ALLOWLIST.",
      { observed: symbol, limit: policy.allowlist.join(",") },
    );
  },
};

function covers(entry: string, symbol: string): boolean {
  const one = entry.trim().toUpperCase();
  const other = symbol.trim().toUpperCase();
  return one === other || other.split("/")[0] === one;
}
