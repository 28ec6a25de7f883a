/**
 * Names by which people know the oldest and largest assets, for a search only. Exchanges list tickers and no
 * names, and names prove nothing: many tokens call themselves alike, so the list is short and ours.
 */
const ASSETS: ReadonlyMap<string, string> = new Map([
  ["BITCOIN", "BTC"],
  ["XBT", "BTC"],
  ["BITCOIN CASH", "BCH"],
  ["ETHER", "ETH"],
  ["ETHEREUM", "ETH"],
  ["TETHER", "USDT"],
  ["USD COIN", "USDC"],
  ["RIPPLE", "XRP"],
  ["SOLANA", "SOL"],
  ["CARDANO", "ADA"],
  ["DOGECOIN", "DOGE"],
  ["LITECOIN", "LTC"],
  ["POLKADOT", "DOT"],
  ["CHAINLINK", "LINK"],
  ["AVALANCHE", "AVAX"],
  ["STELLAR", "XLM"],
  ["TRON", "TRX"],
  ["EURO", "EUR"],
  ["DOLLAR", "USD"],
  ["US DOLLAR", "USD"],
]);

/** The ticker of an asset known by this name, in capitals; null for every other text. */
export function assetNamed(name: string): string | null {
  return ASSETS.get(name) ?? null;
}
