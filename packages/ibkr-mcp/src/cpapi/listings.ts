import type { FeeBound } from "trading-core/domain/fee";
import type { Instrument, PriceStep } from "trading-core/domain/instrument";
import { type Decimal, decimal } from "trading-core/domain/money";
import { untrustedText } from "trading-core/domain/untrusted-text";
import { asArray, asFlag, asId, asRecord, asText, loosePrice } from "./loose.ts";

/** A symbol as a user may write it, taken apart: "brk.b" and "AAPL@NASDAQ". */
export interface SymbolQuery {
  /** "BRK B": IBKR writes a share class after a space. */
  symbol: string;
  /** The listing exchange that the user wants, where a symbol has several; null for any. */
  exchange: string | null;
}

/** Null when it cannot be a stock symbol; checked before any request. */
export function readSymbol(text: string): SymbolQuery | null {
  const match = /^([A-Z0-9]{1,10})(?:[. ]([A-Z0-9]{1,4}))?(?:@([A-Z0-9.]{1,16}))?$/.exec(
    text.trim().toUpperCase(),
  );
  if (!match?.[1]) return null;
  return { symbol: match[2] ? `${match[1]} ${match[2]}` : match[1], exchange: match[3] ?? null };
}

export interface Listing {
  conid: string;
  exchange: string;
  name: string;
  /** Null where the venue did not say. */
  isUS: boolean | null;
}

/**
 * The stock listings under exactly this symbol, from `/trsrv/stocks`. Null when the answer is not of that
 * shape; empty when the symbol is unknown. Other symbols in the answer are nobody's business.
 */
export function readListings(body: unknown, symbol: string): Listing[] | null {
  const answer = asRecord(body);
  if (!answer) return null;
  if (answer[symbol] === undefined) return [];
  const companies = asArray(answer[symbol]);
  if (!companies) return null;
  const listings: Listing[] = [];
  for (const company of companies) {
    const row = asRecord(company);
    const contracts = asArray(row?.contracts);
    if (!row || !contracts) return null;
    if ((asText(row.assetClass) ?? "STK") !== "STK") continue;
    for (const contract of contracts) {
      const conid = asId(asRecord(contract)?.conid);
      if (conid === null) return null;
      listings.push({
        conid,
        exchange: untrustedText(asRecord(contract)?.exchange, 20),
        name: untrustedText(row.name, 80),
        isUS: asFlag(asRecord(contract)?.isUS),
      });
    }
  }
  return listings;
}

/** One security's definition, from `/trsrv/secdef`. */
export interface Definition {
  conid: string;
  currency: string | null;
  name: string | null;
  ticker: string | null;
  exchange: string | null;
  isUS: boolean | null;
  priceSteps: PriceStep[];
}

/** Definitions by contract id; null when the answer is not of that shape. */
export function readDefinitions(body: unknown): Map<string, Definition> | null {
  const rows = asArray(asRecord(body)?.secdef);
  if (!rows) return null;
  const found = new Map<string, Definition>();
  for (const item of rows) {
    const row = asRecord(item);
    const conid = asId(row?.conid);
    if (!row || conid === null) continue;
    const currency = asText(row.currency);
    const country = asText(row.countryCode);
    found.set(conid, {
      conid,
      currency,
      name: asText(row.name) && untrustedText(row.name, 80),
      ticker: asText(row.ticker) && untrustedText(row.ticker, 20),
      exchange: asText(row.listingExchange) && untrustedText(row.listingExchange, 20),
      // Older answers lack the flag; a dollar security of the United States is one.
      isUS:
        asFlag(row.isUS) ?? (country !== null && currency !== null ? isAmerican(country, currency) : null),
      priceSteps: readSteps(row.incrementRules),
    });
  }
  return found;
}

function isAmerican(country: string, currency: string): boolean {
  return country === "US" && currency === "USD";
}

/** The tick table, ascending; empty where it is missing or partly unreadable. */
export function readSteps(rules: unknown): PriceStep[] {
  const steps: PriceStep[] = [];
  for (const rule of asArray(rules) ?? []) {
    const increment = loosePrice(asRecord(rule)?.increment);
    const edge = asRecord(rule)?.lowerEdge;
    const from = edge === 0 ? decimal(0) : loosePrice(edge);
    if (increment === null || from === null) return [];
    steps.push({ from, increment });
  }
  return steps.sort((a, b) => a.from.cmp(b.from));
}

/** What may be ordered in a contract, from `info-and-rules`; null for what it does not say. */
export interface Rules {
  fractions: boolean | null;
  cashAmount: boolean | null;
  tradable: boolean | null;
}

export function readRules(body: unknown, accountId: string | null): Rules {
  const rules = asRecord(asRecord(body)?.rules);
  const fractional = asArray(rules?.fraqTypes);
  const byAmount = asArray(rules?.cqtTypes);
  const accounts = asArray(rules?.canTradeAcctIds);
  return {
    fractions: fractional && fractional.length > 0,
    cashAmount: byAmount?.includes("market") ?? null,
    tradable: accounts && accountId !== null ? accounts.includes(accountId) : null,
  };
}

export const WHOLE_SHARE: Decimal = decimal(1);
export const FRACTION: Decimal = decimal("0.0001");

/**
 * IBKR's price list for US stocks: 0.005 dollars a share and 1 an order, or 0.35 with what exchanges and
 * regulators take passed on, and never more than 1 % of the value. Twice the share's price covers both plans.
 */
const COMMISSION: FeeBound = {
  share: decimal("0.01"),
  most: { perUnit: decimal("0.01"), perOrder: decimal(1) },
};

export function makeInstrument(
  symbol: string,
  definition: Definition,
  rules: Rules,
  account: { supportsFractions: boolean | null; supportsCashAmount: boolean | null },
): Instrument {
  // Where the contract's rules could not be read, the account's word decides, so that a fraction that
  // is held can be sold; the venue refuses what it does not take.
  const fractions = account.supportsFractions === true && rules.fractions !== false;
  return {
    id: definition.conid,
    symbol,
    name: definition.name,
    kind: "stock",
    currency: definition.currency ?? "",
    exchange: definition.exchange,
    usListed: definition.isUS,
    tradable: rules.tradable,
    priceSteps: definition.priceSteps,
    quantityStep: fractions ? FRACTION : WHOLE_SHARE,
    minimumQuantity: null,
    minimumNotional: null,
    takesCashAmount: account.supportsCashAmount === true && rules.cashAmount === true,
    feeBound: COMMISSION,
  };
}
