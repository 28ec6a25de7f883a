import { TradingError } from "trading-core/domain/errors";

/** Where a gateway listens, and how far its certificate has to be proven. */
export interface GatewayAddress {
  /** "https://localhost:5000" */
  origin: string;
  /** "/v1/api": what precedes every endpoint. */
  prefix: string;
  secure: boolean;
  /** The address cannot leave this machine, so that a self-signed certificate proves as much as any. */
  loopback: boolean;
  /** The gateway's name as a folder, the same for all spellings of this machine: "localhost-5000". */
  folder: string;
}

/**
 * Reads the base URL setting. A bare origin gets IBKR's path. Throws `invalid_base_url` for anything
 * that is not http(s), carries credentials, a query or a fragment, or is plain http beyond loopback.
 */
export function gatewayAddress(baseUrl: string): GatewayAddress {
  let url: URL;
  try {
    url = new URL(baseUrl);
  } catch {
    throw invalid("it is not a URL");
  }
  if (url.protocol !== "https:" && url.protocol !== "http:") throw invalid("only https is taken");
  if (url.username || url.password) throw invalid("it carries credentials");
  if (url.search || url.hash) throw invalid("it carries a query or a fragment");
  const loopback = isLoopback(url.hostname);
  const secure = url.protocol === "https:";
  if (!secure && !loopback) throw invalid("plain http is taken for this machine only");
  const port = url.port || (secure ? "443" : "80");
  const host = THIS_MACHINE.has(url.hostname) ? "localhost" : url.hostname;
  return {
    origin: url.origin,
    prefix: url.pathname.replace(/\/+$/, "") || "/v1/api",
    secure,
    loopback,
    folder: `${host.replace(/[^a-z0-9.-]/gi, "_")}-${port}`,
  };
}

const THIS_MACHINE = new Set(["localhost", "127.0.0.1", "[::1]"]);

/** 127.0.0.0/8, ::1 and the name localhost. The URL parser has already normalised 127.1 and 0x7f000001. */
export function isLoopback(hostname: string): boolean {
  return THIS_MACHINE.has(hostname) || /^127\.\d{1,3}\.\d{1,3}\.\d{1,3}$/.test(hostname);
}

function invalid(why: string): TradingError {
  return new TradingError(
    "invalid_base_url",
    `The gateway's base URL cannot be used: ${why}.`,
    "Set IBKR_API_BASE_URL to the gateway's address, such as https://localhost:5000/v1/api.",
  );
}
