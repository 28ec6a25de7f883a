import { json, Refusal, type Reply } from "../exchange/reply.ts";

/** `{"code":-1121,"msg":"Invalid symbol."}`. */
export function binanceError(code: number, msg: string, status = 400): Reply {
  return json({ code, msg }, status);
}

export function refuse(code: number, msg: string, status = 400): never {
  throw new Refusal(binanceError(code, msg, status));
}

export const missing = (name: string): never =>
  refuse(-1102, `Mandatory parameter '${name}' was not sent, was empty/null, or malformed.`);

export const notRequired = (name: string): never =>
  refuse(-1106, `Parameter '${name}' sent when not required.`);

/** What the matching engine says to an order. */
export const rejected = (msg: string): never => refuse(-2010, msg);

export const filterFailure = (filter: string): never => refuse(-1013, `Filter failure: ${filter}`);
