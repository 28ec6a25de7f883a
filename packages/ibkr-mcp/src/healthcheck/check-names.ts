/** The checks in the order in which they are told; a later one may need what an earlier one found. */
export const CHECK_NAMES = [
  "settings",
  "gateway",
  "session",
  "clock",
  "account",
  "account_flags",
  "balance",
  "quote",
  "market_hours",
  "trading_state",
  "arms",
  "limits",
  "journal",
] as const;
