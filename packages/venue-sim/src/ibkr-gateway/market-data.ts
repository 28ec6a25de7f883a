import { instrumentByConid } from "../market/instruments.ts";
import { bodyObject, type Gateway, type GatewayRequest } from "./gateway.ts";
import { quoteFields } from "./quote-fields.ts";
import { brokerError, json, type Reply, webError } from "./reply.ts";

const MOST_CONIDS = 100;
const MOST_FIELDS = 50;
/** Sent whether asked for or not. */
const ALWAYS = "6509";

/**
 * The first poll of a contract opens its stream and answers without data; the second has the prices,
 * the third the rest. A contract that finds no free market data line stays silently empty.
 */
export function getSnapshot(request: GatewayRequest, gateway: Gateway): Reply {
  const conids = listOf(request.query.get("conids"));
  const fields = listOf(request.query.get("fields"));
  if (conids.length === 0) return webError(400, "Bad Request: conids is required");
  if (conids.length > MOST_CONIDS || fields.length > MOST_FIELDS) {
    return webError(400, "Bad Request: too many conids or fields");
  }
  return json(
    conids
      .map(parseConid)
      .filter((conid) => conid > 0)
      .map((conid) => row(gateway, conid, fields)),
  );
}

function listOf(value: string | null): string[] {
  return (value ?? "").split(",").filter((item) => item !== "");
}

/** `265598@NYSE` names a venue too. */
function parseConid(text: string): number {
  return Number.parseInt(text, 10) || 0;
}

function row(gateway: Gateway, conid: number, fields: string[]): Record<string, unknown> {
  const bare = { conid, conidEx: String(conid) };
  const instrument = instrumentByConid(conid);
  const { streams } = gateway.session.warmth();
  const polls = streams.get(conid);
  if (instrument === undefined) return bare;
  if (polls === undefined && streams.size >= gateway.limits.marketDataLines) return bare;
  streams.set(conid, (polls ?? 0) + 1);
  if (polls === undefined) return bare;
  const { soon, later } = quoteFields(gateway, instrument);
  const server = `q${conid % 4}`;
  const result: Record<string, unknown> = {
    ...bare,
    server_id: server,
    _updated: gateway.clock.now(),
    "6119": server,
    [ALWAYS]: soon[ALWAYS],
  };
  const available = polls === 1 ? soon : { ...soon, ...later };
  for (const field of fields) {
    if (available[field] !== undefined) result[field] = available[field];
    if (field === "87" && available["87_raw"] !== undefined) result["87_raw"] = available["87_raw"];
  }
  // Without data the venue volunteers its symbol placeholder.
  if (soon["31"] === "N/A") result["55"] = "-";
  return result;
}

export function unsubscribe(request: GatewayRequest, gateway: Gateway): Reply {
  const conid = Number(bodyObject(request).conid);
  if (!gateway.session.warmth().streams.delete(conid)) return brokerError("unknown", 500);
  return json({ success: true });
}

export function unsubscribeAll(_request: GatewayRequest, gateway: Gateway): Reply {
  gateway.session.warmth().streams.clear();
  return json({ unsubscribed: true });
}
