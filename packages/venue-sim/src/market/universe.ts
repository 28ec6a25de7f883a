import type { Instrument } from "./instruments.ts";
import { TRAPS } from "./symbol-traps.ts";

// Symbol, conid, name, listing exchange, base price, sector, group, category. The conids are real.
const STOCKS = `
AAPL | 265598 | APPLE INC | NASDAQ | 268.4 | Technology | Computers | Computers
MSFT | 272093 | MICROSOFT CORP | NASDAQ | 497.1 | Technology | Software | Applications Software
AMZN | 3691937 | AMAZON.COM INC | NASDAQ | 226.8 | Communications | Internet | E-Commerce/Products
GOOGL | 208813719 | ALPHABET INC-CL A | NASDAQ | 284.6 | Communications | Internet | Web Portals/ISP
GOOG | 208813720 | ALPHABET INC-CL C | NASDAQ | 285.2 | Communications | Internet | Web Portals/ISP
TSLA | 76792991 | TESLA INC | NASDAQ | 402.3 | Consumer, Cyclical | Auto Manufacturers | Auto-Cars/Light Trucks
NVDA | 4815747 | NVIDIA CORP | NASDAQ | 187.5 | Technology | Semiconductors | Electronic Compo-Semicon
META | 107113386 | META PLATFORMS INC-CLASS A | NASDAQ | 601.9 | Communications | Internet | Internet Content-Entmnt
NFLX | 15124833 | NETFLIX INC | NASDAQ | 111.2 | Communications | Internet | Internet Content-Entmnt
AMD | 4391 | ADVANCED MICRO DEVICES | NASDAQ | 238.7 | Technology | Semiconductors | Electronic Compo-Semicon
INTC | 270639 | INTEL CORP | NASDAQ | 36.4 | Technology | Semiconductors | Electronic Compo-Semicon
CSCO | 268084 | CISCO SYSTEMS INC | NASDAQ | 77.3 | Communications | Telecommunications | Networking Products
PEP | 11017 | PEPSICO INC | NASDAQ | 146.8 | Consumer, Non-cyclical | Beverages | Beverages-Non-alcoholic
IBM | 8314 | INTL BUSINESS MACHINES CORP | NYSE | 297.6 | Technology | Computers | Computer Services
KO | 8894 | COCA-COLA CO/THE | NYSE | 71.2 | Consumer, Non-cyclical | Beverages | Beverages-Non-alcoholic
JPM | 1520593 | JPMORGAN CHASE & CO | NYSE | 303.5 | Financial | Banks | Diversified Banking Inst
XOM | 13977 | EXXON MOBIL CORP | NYSE | 117.9 | Energy | Oil&Gas | Oil Comp-Integrated
WMT | 13824 | WALMART INC | NYSE | 101.6 | Consumer, Cyclical | Retail | Retail-Discount
BRK B | 72063691 | BERKSHIRE HATHAWAY INC-CL B | NYSE | 508.3 | Financial | Insurance | Reinsurance
DIS | 6459 | WALT DISNEY CO/THE | NYSE | 105.4 | Communications | Media | Multimedia
ORCL | 272800 | ORACLE CORP | NYSE | 221.7 | Technology | Software | Enterprise Software/Serv
JNJ | 8719 | JOHNSON & JOHNSON | NYSE | 199.8 | Consumer, Non-cyclical | Pharmaceuticals | Medical-Drugs
PG | 11399 | PROCTER & GAMBLE CO/THE | NYSE | 147.2 | Consumer, Non-cyclical | Cosmetics/Personal Care | Cosmetics&Toiletries
V | 49462172 | VISA INC-CLASS A SHARES | NYSE | 330.1 | Financial | Diversified Finan Serv | Finance-Credit Card
MA | 38685693 | MASTERCARD INC - A | NYSE | 545.7 | Financial | Diversified Finan Serv | Finance-Credit Card
HD | 7930 | HOME DEPOT INC | NYSE | 345.9 | Consumer, Cyclical | Retail | Retail-Building Products
BAC | 10098 | BANK OF AMERICA CORP | NYSE | 52.6 | Financial | Banks | Diversified Banking Inst
T | 37018770 | AT&T INC | NYSE | 25.5 | Communications | Telecommunications | Telephone-Integrated
VZ | 4901 | VERIZON COMMUNICATIONS INC | NYSE | 41.1 | Communications | Telecommunications | Telephone-Integrated
PFE | 11031 | PFIZER INC | NYSE | 25.2 | Consumer, Non-cyclical | Pharmaceuticals | Medical-Drugs
MRK | 70101545 | MERCK & CO. INC. | NYSE | 94.3 | Consumer, Non-cyclical | Pharmaceuticals | Medical-Drugs
CVX | 5684 | CHEVRON CORP | NYSE | 154.4 | Energy | Oil&Gas | Oil Comp-Integrated
BA | 4762 | BOEING CO/THE | NYSE | 189.6 | Industrial | Aerospace/Defense | Aerospace/Defense
CAT | 5437 | CATERPILLAR INC | NYSE | 556.3 | Industrial | Machinery-Constr&Mining | Machinery-Constr&Mining
GE | 498843743 | GENERAL ELECTRIC | NYSE | 304.8 | Industrial | Aerospace/Defense | Aerospace/Defense
F | 9599491 | FORD MOTOR CO | NYSE | 13.1 | Consumer, Cyclical | Auto Manufacturers | Auto-Cars/Light Trucks
GM | 80986742 | GENERAL MOTORS CO | NYSE | 70.9 | Consumer, Cyclical | Auto Manufacturers | Auto-Cars/Light Trucks
UBER | 365207014 | UBER TECHNOLOGIES INC | NYSE | 92.4 | Communications | Internet | Internet Application Sftwr
VRT | 402783527 | VERTIV HOLDINGS CO-A | NYSE | 172.8 | Industrial | Electrical Compo&Equip | Power Conv/Supply Equip
`;

const FUNDS = `
SPY | 756733 | SS SPDR S&P 500 ETF TRUST-US | ARCA | 670.3 | Funds | Equity Fund | Growth&Income-Large Cap
QQQ | 320227571 | INVESCO QQQ TRUST SERIES 1 | NASDAQ | 605.7 | Funds | Equity Fund | Growth-Large Cap
IWM | 9579970 | ISHARES RUSSELL 2000 ETF | ARCA | 237.4 | Funds | Equity Fund | Growth-Small Cap
VTI | 12340041 | VANGUARD TOTAL STOCK MKT ETF | ARCA | 329.6 | Funds | Equity Fund | Growth&Income-Large Cap
GLD | 51529211 | SPDR GOLD SHARES | ARCA | 376.2 | Funds | Commodity Fund | Precious Metals
`;

function usListings(table: string, type: "COMMON" | "ETF"): Instrument[] {
  return table
    .trim()
    .split("\n")
    .map((line) => {
      const [symbol = "", conid, name = "", exchange = "", price, sector = "", group = "", category = ""] =
        line.split("|").map((cell) => cell.trim());
      return {
        conid: Number(conid),
        symbol,
        name,
        exchange,
        isUS: true,
        currency: "USD",
        type,
        sector,
        group,
        category,
        basePrice: Number(price),
        fractional: true,
        issuer: name,
      };
    });
}

function withChineseName(instrument: Instrument): Instrument {
  // Numeric entities, as the venue sends them: a reader must unescape.
  const chineseName = "&#x82F9;&#x679C;&#x516C;&#x53F8;";
  return instrument.symbol === "AAPL" ? { ...instrument, chineseName } : instrument;
}

/** Everything the simulated venue lists, in the order in which searches show it. */
export const UNIVERSE: Instrument[] = [
  ...TRAPS.beforeTheRest,
  ...usListings(STOCKS, "COMMON"),
  ...usListings(FUNDS, "ETF"),
  ...TRAPS.afterTheRest,
].map(withChineseName);
