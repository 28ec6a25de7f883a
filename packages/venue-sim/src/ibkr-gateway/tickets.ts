import { Big } from "../market/decimal.ts";
import { type Instrument, instrumentByConid } from "../market/instruments.ts";
import type { OrderDraft, OrderType, Side, TimeInForce } from "../market/order.ts";
import { brokerError, type Reply, webError } from "./reply.ts";

/** An order ticket that made sense, before anybody asked whether it is wise. */
export interface Ticket {
  draft: OrderDraft;
  instrument: Instrument;
  /** The parent's client order id on a bracket's child. */
  parentReference: string | null;
  singleGroup: boolean;
}

export type Parsed<T> = { ok: true; value: T } | { ok: false; reply: Reply };

const TYPES: readonly string[] = ["MKT", "LMT", "STP", "STOP_LIMIT", "TRAIL"];
const TIFS: readonly string[] = ["DAY", "GTC", "IOC"];
const NUMBERS = ["conid", "quantity", "price", "auxPrice", "cashQty", "trailingAmt"];
const CENT = new Big("0.01");
/** A share trades in ten-thousandths. */
const SIZE_STEPS = 10_000;

const refuse = (reply: Reply): { ok: false; reply: Reply } => ({ ok: false, reply });

/** The tickets of a request body; a bare array is refused although one IBKR page shows it. */
export function ticketsOf(body: unknown): Record<string, unknown>[] | null {
  if (typeof body !== "object" || body === null || Array.isArray(body)) return null;
  const { orders } = body as Record<string, unknown>;
  if (!Array.isArray(orders) || orders.length === 0) return null;
  return orders.every((order) => typeof order === "object" && order !== null) ? orders : null;
}

export function parseTicket(raw: Record<string, unknown>, account: string): Parsed<Ticket> {
  const wrongType = NUMBERS.some(
    (name) => raw[name] !== undefined && raw[name] !== null && typeof raw[name] !== "number",
  );
  if (wrongType) return refuse(webError(400, "orders request includes parameter with incorrect type"));
  const conid = raw.conid ?? conidFrom(raw.conidex);
  if (conid === undefined) return refuse(webError(400, "conid or conidex is required"));
  const side = word(raw.side);
  if (side !== "BUY" && side !== "SELL") {
    return refuse(webError(400, "Invalid Side (must be 'BUY' or 'SELL')."));
  }
  const type = word(raw.orderType);
  if (!TYPES.includes(type)) return refuse(webError(400, "Unknown order type"));
  const instrument = instrumentByConid(Number(conid));
  if (instrument === undefined) {
    return refuse(brokerError(`no sec defs returned forSecDef reqId=resolve ecReqByConid${Number(conid)}`));
  }
  const tif = word(raw.tif);
  if (!TIFS.includes(tif)) {
    const name = tif === "" ? "null" : tif;
    return refuse(brokerError(`${name} time in force is not supported for this order`));
  }
  const draft = draftFrom(raw, {
    account,
    instrument,
    side,
    type: type as OrderType,
    tif: tif as TimeInForce,
  });
  const problem = problemOf(raw, draft, instrument);
  if (problem !== null) return refuse(problem);
  const parentReference = typeof raw.parentId === "string" ? raw.parentId : null;
  return { ok: true, value: { draft, instrument, parentReference, singleGroup: raw.isSingleGroup === true } };
}

/** Upper case, and empty for what is no text: both spellings of a side occur. */
function word(value: unknown): string {
  return typeof value === "string" ? value.toUpperCase() : "";
}

function conidFrom(conidex: unknown): number | undefined {
  return typeof conidex === "string" ? Number.parseInt(conidex, 10) : undefined;
}

function decimal(value: unknown): Big | null {
  return typeof value === "number" ? new Big(value) : null;
}

function draftFrom(
  raw: Record<string, unknown>,
  known: { account: string; instrument: Instrument; side: Side; type: OrderType; tif: TimeInForce },
): OrderDraft {
  const { type } = known;
  const price = decimal(raw.price);
  return {
    account: known.account,
    conid: known.instrument.conid,
    side: known.side,
    type,
    timeInForce: known.tif,
    quantity: decimal(raw.quantity),
    cashQuantity: decimal(raw.cashQty),
    limitPrice: type === "LMT" || type === "STOP_LIMIT" ? price : null,
    // `price` is the trigger of a plain stop; a stop-limit has it in `auxPrice`.
    stopPrice:
      type === "STP" || type === "TRAIL" ? price : type === "STOP_LIMIT" ? decimal(raw.auxPrice) : null,
    trailingAmount: type === "TRAIL" ? decimal(raw.trailingAmt) : null,
    trailingUnit: type === "TRAIL" ? (raw.trailingType === "%" ? "%" : "amt") : null,
    outsideRegularHours: raw.outsideRTH === true || raw.outsideRth === true,
    clientOrderId: typeof raw.cOID === "string" && raw.cOID !== "" ? raw.cOID : null,
    parentId: null,
    group: null,
    fillCeiling: null,
  };
}

const badPrices = () => brokerError("Invalid order price fields");

function problemOf(raw: Record<string, unknown>, draft: OrderDraft, instrument: Instrument): Reply | null {
  if (draft.clientOrderId !== null && draft.clientOrderId.length > 64) {
    return webError(400, "Bad Request: cOID is too long");
  }
  if (draft.cashQuantity !== null) {
    if (draft.side === "SELL") return brokerError("Cash order quantity can not be set for sell order");
    if (draft.quantity !== null) return brokerError("Order quantity and cash quantity can not both be set");
    if (draft.type !== "MKT") return brokerError("Cash quantity is not supported for this order type");
    if (draft.cashQuantity.lte(0)) return sizeError(draft.cashQuantity);
  } else if (draft.quantity === null || draft.quantity.lte(0)) {
    return sizeError(draft.quantity ?? new Big(0));
  }
  if (!instrument.fractional && draft.quantity !== null && !draft.quantity.mod(1).eq(0)) {
    return brokerError("Fractional orders are not supported for this contract");
  }
  if (draft.quantity !== null && !draft.quantity.times(SIZE_STEPS).mod(1).eq(0)) {
    return brokerError("The order size does not conform to the size increment for this contract.");
  }
  if (draft.type === "STP" && raw.auxPrice !== undefined) return badPrices();
  if ((draft.type === "LMT" || draft.type === "STOP_LIMIT") && draft.limitPrice === null) return badPrices();
  if ((draft.type === "STP" || draft.type === "STOP_LIMIT") && draft.stopPrice === null) return badPrices();
  if (draft.type === "TRAIL" && (draft.trailingAmount === null || draft.trailingAmount.lte(0)))
    return badPrices();
  return offTick(draft);
}

function sizeError(size: Big): Reply {
  return brokerError(`Order size ${size.toFixed()} is not valid. Please enter size greater than 0.`, 500);
}

function offTick(draft: OrderDraft): Reply | null {
  for (const price of [draft.limitPrice, draft.stopPrice]) {
    if (price === null) continue;
    if (price.lte(0)) return badPrices();
    if (!price.mod(CENT).eq(0)) {
      return brokerError("The price does not conform to the minimum price variation for this contract.");
    }
  }
  return null;
}
