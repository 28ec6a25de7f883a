import { createHmac, timingSafeEqual } from "node:crypto";
import { type Exchange, type RawRequest, venueTime } from "../exchange/exchange.ts";
import { missing, refuse } from "./errors.ts";
import type { Parameters } from "./parameters.ts";

const DEFAULT_WINDOW = 5_000;
const LARGEST_WINDOW = 60_000;
/** How far ahead of the exchange a client's clock may be, whatever its window. */
const AHEAD = 1_000;

/** Refuses what does not come from the holder of the key, or comes late. */
export function authorize(exchange: Exchange, request: RawRequest, parameters: Parameters): void {
  const key = request.headers["x-mbx-apikey"];
  if (typeof key !== "string" || key === "") refuse(-2014, "API-key format invalid.", 401);
  if (key !== exchange.keys.apiKey) {
    refuse(-2015, "Invalid API-key, IP, or permissions for action.", 401);
  }
  const signature = parameters.text("signature") ?? missing("signature");
  const signed = withoutSignature(request.query) + withoutSignature(request.body);
  const wanted = createHmac("sha256", exchange.keys.apiSecret).update(signed).digest("hex");
  if (!isSame(signature, wanted)) refuse(-1022, "Signature for this request is not valid.");
  checkTime(exchange, parameters);
}

/** The very text that was sent, so that an encoding other than the signer's does not pass. */
function withoutSignature(text: string): string {
  return text
    .split("&")
    .filter((part) => !part.startsWith("signature="))
    .join("&");
}

function isSame(given: string, wanted: string): boolean {
  const [a, b] = [Buffer.from(given), Buffer.from(wanted)];
  return a.length === b.length && timingSafeEqual(a, b);
}

function checkTime(exchange: Exchange, parameters: Parameters): void {
  const timestamp = parameters.integer("timestamp") ?? missing("timestamp");
  const window = parameters.integer("recvWindow") ?? DEFAULT_WINDOW;
  if (window > LARGEST_WINDOW) refuse(-1131, "recvWindow must be less than 60000");
  const now = venueTime(exchange);
  if (timestamp >= now + AHEAD) {
    refuse(-1021, "Timestamp for this request was 1000ms ahead of the server's time.");
  }
  if (now - timestamp > window) {
    refuse(-1021, "Timestamp for this request is outside of the recvWindow.");
  }
}
