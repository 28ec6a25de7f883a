/** The checks in the order in which they are told; a later one may need what an earlier one found. */
export const CHECK_NAMES = [
  "settings",
  "exchange",
  "markets",
  "clock",
  "key",
  "account",
  "balance",
  "quote",
  "trading_state",
  "arms",
  "limits",
  "journal",
] as const;
