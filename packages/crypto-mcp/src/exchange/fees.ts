import type { FeeBound } from "trading-core/domain/fee";
import { decimal } from "trading-core/domain/money";
import type { ExchangeId } from "./profile.ts";

/**
 * What a spot order costs at most: the taker's rate of whoever trades least, which nobody pays more than, from
 * the exchanges' fee schedules. Discounts, for volume or for paying in the exchange's own coin, only lower it.
 */
const TAKER: Readonly<Record<ExchangeId, FeeBound>> = {
  binance: { share: decimal("0.001") },
  kraken: { share: decimal("0.004") },
};

export function takerFeeOf(id: ExchangeId): FeeBound {
  return TAKER[id];
}
