import { createBinance } from "../binance/binance.ts";
import { createFaults, type Faults } from "../faults.ts";
import type { ReceivedRequest } from "../ibkr-gateway/server.ts";
import { createKraken } from "../kraken/kraken.ts";
import type { Clock } from "../market/clock.ts";
import { Big } from "../market/decimal.ts";
import { createEngine } from "../market/engine.ts";
import type { EventLog } from "../market/event-log.ts";
import type { VenueEvent } from "../market/events.ts";
import { createCalendar } from "../market/hours.ts";
import { createMarket } from "../market/market.ts";
import { PAIRS_IN_DOLLARS, PAIRS_IN_TETHER, spotListing } from "../market/spot-pairs.ts";
import { type SpotFees, spotRules } from "../market/spot-rules.ts";
import { applyEvent, emptyState } from "../market/venue-state.ts";
import type { Dialect, Exchange } from "./exchange.ts";
import type { ExchangeFaultAction } from "./faults.ts";
import {
  DEFAULT_SETTINGS,
  openingAccount,
  SIMULATED_KEYS,
  type SimulatedExchangeOptions,
} from "./options.ts";

/** A simulated exchange without its server. */
export interface ExchangeAssembly {
  exchange: Exchange;
  dialect: Dialect;
  faults: Faults<ExchangeFaultAction>;
  requests: ReceivedRequest[];
  /** Opens the account anew; orders and fills of before are gone. */
  openAccount(): void;
  /** Lets the clock go on without this exchange. */
  stop(): void;
}

const DEFAULT_SEED = 7;
const FEE_PLACES = 8;

/** Puts the parts together on top of what the log remembers. */
export function assembleExchange(
  options: SimulatedExchangeOptions,
  clock: Clock,
  stored: { log: EventLog; events: VenueEvent[] },
): ExchangeAssembly {
  const settings = { ...DEFAULT_SETTINGS[options.kind], ...options.settings };
  const pairs = options.kind === "binance" ? PAIRS_IN_TETHER : PAIRS_IN_DOLLARS;
  const fees = (): SpotFees => ({
    maker: new Big(settings.makerFee),
    taker: new Big(settings.takerFee),
    in: options.kind === "binance" ? "received" : "quote",
    places: FEE_PLACES,
  });
  const state = emptyState();
  for (const event of stored.events) applyEvent(state, event);
  const market = createMarket(clock, options.seed ?? DEFAULT_SEED, spotListing(pairs));
  const calendar = createCalendar();
  const engine = createEngine({
    clock,
    market,
    calendar: () => calendar,
    state,
    log: stored.log,
    rules: spotRules(fees),
  });
  const openAccount = () => {
    engine.reset([openingAccount(options, state.openings)]);
    for (const pair of pairs) market.setHalted(pair.conid, pair.halted);
  };
  if (state.accounts.size === 0) openAccount();
  for (const pair of pairs) market.setHalted(pair.conid, pair.halted);
  const exchange: Exchange = {
    clock,
    market,
    engine,
    pairs,
    settings,
    keys: {
      apiKey: options.apiKey ?? SIMULATED_KEYS.apiKey,
      apiSecret: options.apiSecret ?? SIMULATED_KEYS.apiSecret,
    },
    fees,
    account: () => [...state.accounts.keys()][0] ?? "",
    overrides: {},
  };
  return {
    exchange,
    dialect: options.kind === "binance" ? createBinance(exchange) : createKraken(exchange),
    faults: createFaults<ExchangeFaultAction>(),
    requests: [],
    openAccount,
    stop: clock.onTick(() => engine.tick()),
  };
}
