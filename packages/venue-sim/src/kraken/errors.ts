import { json, Refusal, type Reply } from "../exchange/reply.ts";

/** Errors come with status 200 and no result. */
export function krakenError(message: string, status = 200): Reply {
  return json({ error: [message] }, status);
}

export function refuse(message: string): never {
  throw new Refusal(krakenError(message));
}

export const invalidArgument = (name: string): never => refuse(`EGeneral:Invalid arguments:${name}`);
