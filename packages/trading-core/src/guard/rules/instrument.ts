import { priceIncrement } from "../../domain/instrument.ts";
import { isMultipleOf, plain } from "../../domain/money.ts";
import type { RuleInput } from "../facts.ts";
import type { Rule } from "../rule.ts";
import { pass, refuse, type Verdict } from "../verdict.ts";

/** Only what this project trades: a US-listed stock or a spot pair, in sizes and prices that the venue takes. */
export const instrument: Rule = {
  name: "instrument",
  refuses:
    "what is not a US-listed stock or a spot pair, is not tradable, or has a wrong tick, lot or minimum",
  exits: "same",
  codes: {
    instrument_not_supported: "Not a US-listed stock or a spot pair.",
    instrument_not_tradable: "The venue says that it cannot be traded now.",
    cash_amount_not_supported: "The venue does not take buys by amount for it.",
    wrong_quantity_step: "The quantity is not a multiple of the venue's step.",
    below_minimum_quantity: "The quantity is below the venue's minimum.",
    below_minimum_value: "The order's value is below the venue's minimum.",
    wrong_price_increment: "A price is not a multiple of the venue's increment.",
  },
  check(input) {
    return (
      checkKind(input) ??
      checkSize(input) ??
      checkPrices(input) ??
      pass("tradable in this size", {
        observed: `${input.intent.instrument.symbol} (${input.intent.instrument.id})`,
      })
    );
  },
};

function checkKind({ intent }: RuleInput): Verdict | null {
  const { instrument } = intent;
  if (instrument.kind === "stock" && instrument.usListed !== true) {
    return refuse(
      "instrument_not_supported",
      `${instrument.symbol} is not proven to be listed in the United States (${instrument.exchange ?? "exchange unknown"}).`,
      "Only US-listed stocks are traded here.",
      { observed: instrument.exchange ?? "unknown", limit: "US listing" },
    );
  }
  if (instrument.tradable === false) {
    return refuse(
      "instrument_not_tradable",
      `The venue says that ${instrument.symbol} cannot be traded now.`,
      "Look at get_quote for a halt, or choose another instrument.",
      { retryable: true },
    );
  }
  return null;
}

function checkSize({ intent, facts }: RuleInput): Verdict | null {
  const { instrument, quantity, cashAmount } = intent;
  if (cashAmount !== null && !instrument.takesCashAmount) {
    return refuse(
      "cash_amount_not_supported",
      `${instrument.symbol} cannot be bought by amount on this account.`,
      "Give a quantity instead of cash_amount.",
    );
  }
  if (quantity !== null && !isMultipleOf(quantity, instrument.quantityStep)) {
    return refuse(
      "wrong_quantity_step",
      `${plain(quantity)} ${instrument.symbol} is not a multiple of ${plain(instrument.quantityStep)}.`,
      `Use a quantity in steps of ${plain(instrument.quantityStep)}.`,
      { observed: plain(quantity), limit: plain(instrument.quantityStep) },
    );
  }
  const least = instrument.minimumQuantity;
  if (quantity !== null && least !== null && quantity.lt(least)) {
    return refuse(
      "below_minimum_quantity",
      `${plain(quantity)} is below the least quantity of ${plain(least)}.`,
      "Use a greater quantity.",
      { observed: plain(quantity), limit: plain(least) },
    );
  }
  const value = facts.worstCase.kind === "priced" ? facts.worstCase.local : null;
  const leastValue = instrument.minimumNotional;
  if (value !== null && leastValue !== null && value.lt(leastValue)) {
    return refuse(
      "below_minimum_value",
      `The order is worth ${plain(value)}, less than the least value of ${plain(leastValue)}.`,
      "Use a greater size.",
      { observed: plain(value), limit: plain(leastValue) },
    );
  }
  return null;
}

function checkPrices({ intent }: RuleInput): Verdict | null {
  for (const [name, price] of [
    ["limit_price", intent.limitPrice],
    ["stop_price", intent.stopPrice],
  ] as const) {
    if (price === null) continue;
    const increment = priceIncrement(intent.instrument, price);
    if (price.lte(0) || !isMultipleOf(price, increment)) {
      return refuse(
        "wrong_price_increment",
        price.lte(0)
          ? `${name} is smaller than the least increment of ${plain(increment)}.`
          : `${name} ${plain(price)} is not a multiple of ${plain(increment)}.`,
        `Use a price in steps of ${plain(increment)}.`,
        { observed: plain(price), limit: plain(increment) },
      );
    }
  }
  return null;
}
