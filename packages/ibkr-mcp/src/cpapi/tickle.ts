import { asRecord } from "./loose.ts";
import { type AuthStatus, readAuthStatus } from "./session-state.ts";

/**
 * What `POST /tickle` says of the session; null when the answer is no tickle's. Servers of different years
 * tell the brokerage session's status in it, or only that they heard: then `auth` is null.
 *
 * `hmds.error` is "no bridge" in healthy answers too, and `session` is a secret: neither is looked at.
 */
export function readTickle(body: unknown): { auth: AuthStatus | null } | null {
  const answer = asRecord(body);
  const iserver = asRecord(answer?.iserver);
  if (!iserver) return null;
  const auth = readAuthStatus(iserver.authStatus);
  return auth !== null || iserver.tickle === true ? { auth } : null;
}
