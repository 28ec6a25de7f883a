import { createHash } from "node:crypto";
import { bodyObject, type Gateway, type GatewayRequest } from "./gateway.ts";
import { brokerError, empty, json, type Reply } from "./reply.ts";

export const SERVER_INFO = {
  serverName: "JifZ11074",
  serverVersion: "Build 10.45.1a, Apr 22, 2026 4:12:07 PM",
};
const MAC = "02:00:5E:10:00:01";
const HARDWARE = `5d0f11aa|${MAC}`;
const SSO_LIFETIME = 600_000;
const USER_ID = 100_200_300;

/** Paths that do not work through the gateway's session guard at all: they describe it. */
export function authStatus(gateway: Gateway): Record<string, unknown> {
  const state = gateway.session.state();
  if (state === "logged_out") {
    return { authenticated: false, established: false, competing: false, connected: false, MAC: null };
  }
  if (state === "ready" || state === "bridging") {
    return {
      authenticated: true,
      established: true,
      competing: false,
      connected: true,
      message: "",
      MAC,
      serverInfo: SERVER_INFO,
      hardware_info: HARDWARE,
      fail: "",
    };
  }
  return {
    authenticated: false,
    established: false,
    competing: state === "competed",
    connected: state === "idle_timeout" || state === "competed",
    MAC,
  };
}

export function getAuthStatus(_request: GatewayRequest, gateway: Gateway): Reply {
  return json(authStatus(gateway));
}

export function initSession(request: GatewayRequest, gateway: Gateway): Reply {
  const { publish, compete } = bodyObject(request);
  if (publish === undefined) return brokerError("publish is required", 500);
  const state = gateway.session.state();
  if (state === "logged_out") return empty(410);
  if (state === "maintenance") return brokerError("failed to generate sso dh token", 500);
  const dead = state === "competed" || state === "idle_timeout";
  if (dead && compete !== true) {
    return json({
      ...authStatus(gateway),
      passed: false,
      message: "",
      fail: "Force compete capability must be used together with compete flag",
    });
  }
  if (state !== "ready" && state !== "bridging") gateway.session.start();
  return json({ ...authStatus(gateway), passed: true });
}

export function tickle(_request: GatewayRequest, gateway: Gateway): Reply {
  const elapsed = gateway.clock.now() - gateway.session.lastTickle();
  gateway.session.tickle();
  const reply = json({
    session: gateway.session.key(),
    ssoExpires: Math.max(0, SSO_LIFETIME - elapsed),
    collission: false,
    userId: USER_ID,
    hmds: { error: "no bridge" },
    iserver: { authStatus: authStatus(gateway) },
  });
  return { ...reply, headers: { "set-cookie": `x-sess-uuid=${sessionUuid(gateway)}; Secure; HttpOnly` } };
}

export function validateSso(_request: GatewayRequest, gateway: Gateway): Reply {
  const now = gateway.clock.now();
  return json({
    USER_ID,
    USER_NAME: "simuser",
    RESULT: true,
    AUTH_TIME: gateway.session.warmth().startedAt,
    SF_ENABLED: false,
    IS_FREE_TRIAL: false,
    CREDENTIAL: "simuser",
    IP: "127.0.0.1",
    EXPIRES: Math.max(0, SSO_LIFETIME - (now - gateway.session.lastTickle())),
    QUALIFIED_FOR_MOBILE_AUTH: false,
    LANDING_APP: "PORTAL",
    IS_MASTER: false,
    lastAccessed: now,
    LOGIN_TYPE: gateway.identity.loginType,
    PAPER_USER_NAME: gateway.identity.loginType === 2 ? "simuser" : "",
    TOKEN: createHash("sha256").update(gateway.session.key()).digest("hex").slice(0, 40),
    features: {
      env: "PROD",
      wlms: true,
      realtime: true,
      bond: true,
      optionChains: true,
      calendar: true,
      newMf: true,
    },
    region: "NJ",
  });
}

export function reauthenticate(_request: GatewayRequest, gateway: Gateway): Reply {
  const state = gateway.session.state();
  if (state === "no_login" || state === "logged_out") return json({ error: "not logged in" });
  if (state !== "ready" && state !== "bridging") gateway.session.start();
  return json({ message: "triggered" });
}

export function logout(_request: GatewayRequest, gateway: Gateway): Reply {
  gateway.session.set("logged_out");
  // JSON without a content type: a reader that trusts the header will not parse it.
  return { ...json({ status: true }), contentType: null };
}

function sessionUuid(gateway: Gateway): string {
  return `0.${gateway.session.key().slice(0, 8)}.${Math.floor(gateway.session.warmth().startedAt / 1_000)}.1`;
}
