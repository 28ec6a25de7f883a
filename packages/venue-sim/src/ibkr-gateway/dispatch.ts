import type { Gateway } from "./gateway.ts";
import {
  accessDenied,
  accountsFirst,
  brokerError,
  empty,
  loginPage,
  noBridge,
  notFound,
  type Reply,
  redirect,
} from "./reply.ts";
import { findRoute, type Needs } from "./routes.ts";

export interface RawRequest {
  method: string;
  /** Path with query. */
  url: string;
  body: string;
  userAgent: string | undefined;
  contentType: string | undefined;
}

const BASES = ["/v1/api/", "/v1/portal/"];
const LOGIN = "/sso/Login?forwardTo=22&RL=1&ip2loc=US";
/** The time the venue takes to give up on its own brokerage side. */
const MAINTENANCE_TIME = 10_000;

/** Answers one request as the gateway would, session and priming included. */
export async function dispatch(raw: RawRequest, gateway: Gateway): Promise<Reply> {
  const url = new URL(raw.url, "https://localhost");
  const base = BASES.find((prefix) => url.pathname.startsWith(prefix));
  if (base === undefined) return outsideApi(url);
  const blocked = edgeBlock(raw);
  if (blocked !== null) return blocked;
  const path = url.pathname.slice(base.length);
  const found = findRoute(raw.method, path);
  const refusal = sessionRefusal(gateway, found?.route.needs ?? "login", path);
  if (refusal !== null) return refusal;
  if (found === null) return notFound();
  let body: unknown;
  if (raw.body.trim() !== "") {
    try {
      body = JSON.parse(raw.body);
    } catch {
      return brokerError(
        `Failed to parse body as JSON. Content Type: ${raw.contentType ?? "application/json; charset=utf-8"}`,
        400,
      );
    }
  }
  gateway.session.touch();
  const request = { method: raw.method, path, params: found.params, query: url.searchParams, body };
  return found.route.handler(request, gateway);
}

function outsideApi(url: URL): Reply {
  if (url.pathname === "/") return redirect(LOGIN);
  if (url.pathname.startsWith("/sso/")) return loginPage();
  return redirect(`https://api.ibkr.com${url.pathname}${url.search}`);
}

/** The edge in front of the venue refuses clients without a name and bodies that look like attacks. */
function edgeBlock(raw: RawRequest): Reply | null {
  if (raw.userAgent === undefined || raw.userAgent === "") return accessDenied();
  return /<=|>=|!=/.test(raw.body) ? accessDenied() : null;
}

function sessionRefusal(gateway: Gateway, needs: Needs, path: string): Reply | null {
  const state = gateway.session.state();
  if (state === "no_login") return path === "iserver/reauthenticate" ? null : empty(401);
  if (needs === "open") return null;
  if (state === "logged_out") return path === "iserver/auth/ssodh/init" ? null : empty(401);
  if (needs === "login") return null;
  if (state === "maintenance") return empty(503, MAINTENANCE_TIME);
  if (state !== "ready") return noBridge();
  if (needs === "accounts" && !gateway.session.warmth().accountsQueried) return accountsFirst();
  return null;
}
