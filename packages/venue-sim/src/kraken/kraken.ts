import type { Dialect, Exchange } from "../exchange/exchange.ts";

export function createKraken(_exchange: Exchange): Dialect {
  throw new Error("a simulated exchange of this kind is not there yet");
}
