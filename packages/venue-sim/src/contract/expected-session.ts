import type { ExpectedAnswer } from "./expected-shapes.ts";
import { listOf, type Shape } from "./shape.ts";

/** An error of the web layer repeats its status as a number; one of the brokerage layer does not. */
export const WEB_ERROR: Shape = { error: "string", statusCode: "integer" };
export const BROKER_ERROR: Shape = { error: "string" };

const AUTH = "/iserver/auth/status";
const INIT = "POST /iserver/auth/ssodh/init";

const UP = {
  authenticated: "true",
  established: "true",
  connected: "true",
  competing: "false",
  message: "string",
  MAC: "string",
  serverInfo: { serverName: "string", serverVersion: "string" },
  hardware_info: "string",
};
/** The short form: nothing about the server. */
const DOWN = {
  authenticated: "false",
  established: "false",
  connected: "boolean",
  competing: "boolean",
  MAC: "string|null",
};

const ACCOUNT_PROPERTIES = { supportsCashQty: "boolean", supportsFractions: "boolean" };

const TICKLE: Shape = {
  session: "string",
  ssoExpires: "integer",
  collission: "boolean",
  userId: "integer",
  hmds: { error: "string" },
  iserver: { authStatus: UP },
};

export const SESSION_SHAPES: ExpectedAnswer[] = [
  { endpoint: `POST ${AUTH}`, status: 200, name: "up", shape: { ...UP, fail: "string" } },
  { endpoint: `POST ${AUTH}`, status: 200, name: "down", shape: DOWN },
  { endpoint: `POST ${AUTH}`, status: 401, name: "no login", shape: "empty" },
  { endpoint: `GET ${AUTH}`, status: 200, name: "up", shape: { ...UP, fail: "string" } },
  { endpoint: INIT, status: 200, name: "started", shape: { ...UP, passed: "true" } },
  { endpoint: INIT, status: 200, name: "refused", shape: { ...DOWN, passed: "false", fail: "string" } },
  { endpoint: INIT, status: 410, name: "after a logout", shape: "empty" },
  { endpoint: INIT, status: 500, name: "failed", shape: BROKER_ERROR },
  { endpoint: "POST /tickle", status: 200, name: "tickle", shape: TICKLE },
  { endpoint: "GET /tickle", status: 200, name: "tickle", shape: TICKLE },
  {
    endpoint: "GET /sso/validate",
    status: 200,
    name: "login",
    shape: { USER_ID: "integer", RESULT: "true", EXPIRES: "integer", LOGIN_TYPE: "integer" },
  },
  { endpoint: "POST /logout", status: 200, name: "logout", shape: { status: "true" } },
  { endpoint: "POST /iserver/reauthenticate", status: 200, name: "triggered", shape: { message: "string" } },
  {
    endpoint: "GET /iserver/accounts",
    status: 200,
    name: "accounts",
    shape: {
      accounts: listOf("string"),
      acctProps: { "*": ACCOUNT_PROPERTIES },
      aliases: { "*": "string" },
      allowFeatures: { allowedAssetTypes: "string", "*": "boolean|integer|string" },
      chartPeriods: { "*": listOf("string") },
      groups: listOf("string", 0),
      profiles: listOf("string", 0),
      selectedAccount: "string",
      serverInfo: { serverName: "string", serverVersion: "string" },
      sessionId: "string",
      isFT: "boolean",
      isPaper: "true",
    },
  },
  { endpoint: "GET /iserver/accounts", status: 400, name: "no bridge", shape: WEB_ERROR },
  { endpoint: "GET /iserver/accounts", status: 401, name: "logged out", shape: "empty" },
  { endpoint: "GET /iserver/accounts", status: 503, name: "maintenance", shape: "empty" },
  {
    endpoint: "POST /iserver/account",
    status: 200,
    name: "switched",
    shape: { set: "true", acctId: "string" },
  },
  { endpoint: "POST /iserver/account", status: 200, name: "already set", shape: { success: "string" } },
  { endpoint: "POST /iserver/account", status: 400, name: "no account", shape: WEB_ERROR },
  { endpoint: "POST /iserver/account", status: 500, name: "unknown account", shape: BROKER_ERROR },
  {
    endpoint: "POST /iserver/questions/suppress",
    status: 200,
    name: "taken",
    shape: { status: "string" },
  },
  { endpoint: "POST /iserver/questions/suppress", status: 500, name: "no ids", shape: BROKER_ERROR },
];
