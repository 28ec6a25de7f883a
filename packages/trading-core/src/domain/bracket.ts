import { type OrderIntent, opposite } from "./order.ts";

/** What an order is for within its bracket. */
export type LegRole = "entry" | "take_profit" | "stop_loss";

export interface Leg {
  role: LegRole;
  intent: OrderIntent;
}

/**
 * The two orders that close what a bracket's entry opens; none for an order that stands alone. They stay
 * until they are cancelled: protection that ends with the day is none.
 */
export function childLegs(intent: OrderIntent): Leg[] {
  const { exits, ...entry } = intent;
  if (!exits) return [];
  const child: OrderIntent = {
    ...entry,
    side: opposite(intent.side),
    orderType: "limit",
    limitPrice: null,
    stopPrice: null,
    timeInForce: "GTC",
    priceBound: null,
  };
  return [
    {
      role: "take_profit",
      intent: { ...child, clientOrderId: exits.takeProfitId, limitPrice: exits.takeProfit },
    },
    {
      role: "stop_loss",
      intent: {
        ...child,
        clientOrderId: exits.stopLossId,
        orderType: "stop",
        stopPrice: exits.stopLoss,
      },
    },
  ];
}
