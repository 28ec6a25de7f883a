import type { Instrument } from "./instruments.ts";

type Trap = Pick<Instrument, "conid" | "symbol" | "name" | "exchange" | "currency" | "basePrice"> &
  Partial<Instrument>;

function foreign(trap: Trap): Instrument {
  return {
    isUS: false,
    type: "COMMON",
    sector: "Others",
    group: "Others",
    category: "Others",
    fractional: false,
    issuer: trap.name,
    ...trap,
  };
}

const domestic = (trap: Trap): Instrument => ({ ...foreign(trap), isUS: true, fractional: true });

/** What goes wrong with symbols in real life. Conids from 990000001 on are invented. */
export const TRAPS: { beforeTheRest: Instrument[]; afterTheRest: Instrument[] } = {
  beforeTheRest: [
    // A search whose first row is a foreign listing of a US fund.
    foreign({
      conid: 990000041,
      symbol: "IWM",
      name: "ISHARES RUSSELL 2000 ETF",
      exchange: "MEXI",
      currency: "MXN",
      basePrice: 4350,
      type: "ETF",
    }),
  ],
  afterTheRest: [
    foreign({
      conid: 38708077,
      symbol: "AAPL",
      name: "APPLE INC",
      exchange: "MEXI",
      currency: "MXN",
      basePrice: 4930,
    }),
    foreign({
      conid: 273982664,
      symbol: "AAPL",
      name: "APPLE INC",
      exchange: "EBS",
      currency: "CHF",
      basePrice: 215.3,
    }),
    // A certificate on the share, with the share's symbol.
    foreign({
      conid: 532640894,
      symbol: "AAPL",
      name: "APPLE INC-CDR",
      exchange: "TSE",
      currency: "CAD",
      basePrice: 38.9,
    }),
    // A leveraged look-alike, listed under the symbol that it follows.
    foreign({
      conid: 990000001,
      symbol: "AMZN",
      name: "LS 1X AMZN",
      exchange: "LSEETF",
      currency: "USD",
      basePrice: 9.4,
      lookAlike: true,
    }),
    // Two US companies under one symbol.
    domestic({
      conid: 990000011,
      symbol: "TWIN",
      name: "TWIN HARBOR INC",
      exchange: "NYSE",
      currency: "USD",
      basePrice: 41.7,
    }),
    domestic({
      conid: 990000012,
      symbol: "TWIN",
      name: "TWIN PEAK HOLDINGS",
      exchange: "AMEX",
      currency: "USD",
      basePrice: 6.3,
    }),
    // Listed abroad only.
    foreign({
      conid: 990000021,
      symbol: "NESN",
      name: "NESTLE SA-REG",
      exchange: "EBS",
      currency: "CHF",
      basePrice: 78.9,
    }),
    // A US stock that nobody publishes data for.
    domestic({
      conid: 990000031,
      symbol: "QUIET",
      name: "QUIET HOLDINGS INC",
      exchange: "NASDAQ",
      currency: "USD",
      basePrice: 12.2,
      withoutMarketData: true,
    }),
  ],
};
