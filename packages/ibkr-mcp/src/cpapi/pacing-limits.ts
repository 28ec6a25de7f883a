/** At most `requests` starts within any `milliseconds`. */
export interface Window {
  name: string;
  requests: number;
  milliseconds: number;
}

/*
 * What IBKR documents, a little narrower: two requests that leave five seconds apart can arrive closer
 * together than that. The global limit is ten a second for everything on this machine; two of them are
 * left to the gateway's own keep-alive and to the browser.
 */
export const GLOBAL: Window = { name: "global", requests: 8, milliseconds: 1050 };

interface Rule {
  matches: RegExp;
  windows: Omit<Window, "name">[];
}

const SECOND = 1050;
const FIVE_SECONDS = 5200;
const MINUTE = 61_000;
const QUARTER_HOUR = 15 * 60_000 + 2000;

const RULES: Record<string, Rule> = {
  orders: { matches: /^GET \/iserver\/account\/orders$/, windows: [one(FIVE_SECONDS)] },
  trades: { matches: /^GET \/iserver\/account\/trades$/, windows: [one(FIVE_SECONDS)] },
  pnl: { matches: /^GET \/iserver\/account\/pnl\/partitioned$/, windows: [one(FIVE_SECONDS)] },
  portfolioAccounts: { matches: /^GET \/portfolio\/accounts$/, windows: [one(FIVE_SECONDS)] },
  portfolioSubaccounts: { matches: /^GET \/portfolio\/subaccounts/, windows: [one(FIVE_SECONDS)] },
  snapshot: {
    matches: /^GET \/iserver\/marketdata\/snapshot$/,
    windows: [{ requests: 10, milliseconds: SECOND }],
  },
  history: {
    matches: /^GET \/iserver\/marketdata\/history$/,
    windows: [
      { requests: 10, milliseconds: SECOND },
      { requests: 50, milliseconds: MINUTE },
    ],
  },
  tickle: { matches: /^(?:GET|POST) \/tickle$/, windows: [one(SECOND)] },
  validate: { matches: /^GET \/sso\/validate$/, windows: [one(MINUTE)] },
  scannerRun: { matches: /^POST \/iserver\/scanner\/run$/, windows: [one(SECOND)] },
  scannerParams: { matches: /^GET \/iserver\/scanner\/params$/, windows: [one(QUARTER_HOUR)] },
  performance: { matches: /^POST \/pa\//, windows: [one(QUARTER_HOUR)] },
  fyi: { matches: /^[A-Z]+ \/fyi\//, windows: [one(SECOND)] },
};

/** Every window that a request counts in. `endpoint` is "METHOD /path" without the query. */
export function limitsFor(endpoint: string): Window[] {
  const windows: Window[] = [GLOBAL];
  for (const [name, rule] of Object.entries(RULES)) {
    if (!rule.matches.test(endpoint)) continue;
    rule.windows.forEach((window, index) => {
      windows.push({ ...window, name: `${name}${index || ""}` });
    });
  }
  return windows;
}

function one(milliseconds: number): Omit<Window, "name"> {
  return { requests: 1, milliseconds };
}
