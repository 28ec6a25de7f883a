import { untrustedText } from "trading-core/domain/untrusted-text";
import { asArray, asId, asRecord, asText } from "./loose.ts";

/** One hit of `/iserver/secdef/search`. It says neither currency nor country. */
export interface SearchRow {
  conid: string;
  symbol: string;
  name: string | null;
  exchange: string | null;
  /** "STK", "IND" …: what there is under this contract, options and other derivatives included. */
  kinds: string[];
}

/** The venue's stand-in for "all bonds of this issuer". */
const BOND_CONID = "2147483647";

/** Null when the answer is no list. Rows without a contract or a symbol are nothing that could be named. */
export function readSearchRows(body: unknown): SearchRow[] | null {
  const items = asArray(body);
  if (!items) return null;
  return items.flatMap((item) => {
    const row = asRecord(item);
    const conid = asId(row?.conid);
    const symbol = asText(row?.symbol);
    if (!row || conid === null || symbol === null || conid === BOND_CONID) return [];
    const name = asText(row.companyName) ?? asText(row.companyHeader);
    const exchange = asText(row.description);
    return {
      conid,
      symbol: untrustedText(symbol, 32),
      name: name && untrustedText(name, 80),
      exchange: exchange && untrustedText(exchange, 20),
      kinds: (asArray(row.sections) ?? []).flatMap((section) => {
        const kind = asText(asRecord(section)?.secType);
        return kind === null ? [] : untrustedText(kind, 16);
      }),
    };
  });
}
