import type { SimulatedGateway } from "../simulated-gateway.ts";
import type { RecordedAnswer, Recorder } from "./recorder.ts";
import type { Walk } from "./scenario.ts";

const AAPL = 265598;
const ACCOUNT = "iserver/account/DU1234567";
const BUY = { conid: AAPL, orderType: "LMT", price: 199, side: "BUY", tif: "GTC", quantity: 5 };
const MOST_QUESTIONS = 6;

/** A day of trading: previews, a buy by amount, a stop, a bracket, changes, cancellations, refusals. */
export const walkOrders: Walk = async (recorder, gateway) => {
  const { get } = recorder;
  gateway.control.setPrice("AAPL", { last: 200 });
  await get("iserver/accounts");
  await get("portfolio/accounts");
  await get(`iserver/marketdata/snapshot?conids=${AAPL}&fields=31,84,86`);
  await preview(recorder);
  const bought = await buyByAmount(recorder, gateway);
  await workingOrders(recorder, gateway, bought);
  await unansweredQuestion(recorder);
  await refusals(recorder);
};

/** Places an order and confirms whatever is asked; answers its id. */
async function placed(recorder: Recorder, ...tickets: object[]): Promise<string> {
  return orderId(await confirmed(recorder, await recorder.post(`${ACCOUNT}/orders`, { orders: tickets })));
}

async function confirmed(recorder: Recorder, first: RecordedAnswer): Promise<RecordedAnswer> {
  let answer = first;
  for (let asked = 0; asked < MOST_QUESTIONS; asked += 1) {
    const replyId = firstRow(answer).id;
    if (typeof replyId !== "string") return answer;
    answer = await recorder.post(`iserver/reply/${replyId}`, { confirmed: true });
  }
  throw new Error(`Still a question after ${MOST_QUESTIONS} replies: ${answer.text}`);
}

function orderId(answer: RecordedAnswer): string {
  const id = firstRow(answer).order_id;
  if (typeof id !== "string") throw new Error(`No order in the answer to ${answer.request}: ${answer.text}`);
  return id;
}

function firstRow(answer: RecordedAnswer): Record<string, unknown> {
  return Array.isArray(answer.json) ? (answer.json[0] as Record<string, unknown>) : {};
}

async function preview({ post }: Recorder): Promise<void> {
  const whatIf = (ticket: object) => post(`${ACCOUNT}/orders/whatif`, { orders: [ticket] });
  await whatIf(BUY);
  await whatIf({ conid: AAPL, orderType: "MKT", side: "BUY", tif: "DAY", cashQty: 500 });
  // More than the account can carry: a refusal inside a 200.
  await whatIf({ ...BUY, quantity: 1_000_000 });
  await whatIf({ ...BUY, conid: 0 });
  await whatIf({ ...BUY, quantity: 0 });
}

async function buyByAmount(recorder: Recorder, { control }: SimulatedGateway): Promise<string> {
  const { get } = recorder;
  const ticket = { conid: AAPL, orderType: "MKT", side: "BUY", tif: "DAY", cashQty: 5_000, cOID: "buy-1" };
  const id = await placed(recorder, ticket);
  await get(`iserver/account/order/status/${id}`);
  control.advance(5_000);
  // The first reads of a session are empty.
  for (let read = 0; read < 2; read += 1) {
    await get("iserver/account/orders");
    await get("iserver/account/trades?days=1");
  }
  await get(`iserver/account/order/status/${id}`);
  await get("portfolio/DU1234567/positions/0");
  await get("portfolio/DU1234567/positions/0");
  return id;
}

async function workingOrders(
  recorder: Recorder,
  { control }: SimulatedGateway,
  bought: string,
): Promise<void> {
  const { get, post } = recorder;
  const sell = { ...BUY, side: "SELL" };
  const stop = await placed(recorder, { ...sell, orderType: "STP", price: 190, cOID: "stop-1" });
  await placed(recorder, { ...sell, orderType: "STOP_LIMIT", price: 188, auxPrice: 189 });
  await placed(recorder, { ...sell, orderType: "TRAIL", price: 190, trailingAmt: 10, trailingType: "amt" });
  const limit = await placed(recorder, { ...BUY, cOID: "limit-1" });
  const rejected = await placed(recorder, { ...BUY, price: 198 });
  const bracket = [
    { ...BUY, cOID: "parent-1" },
    { ...sell, orderType: "STP", price: 180, parentId: "parent-1" },
    { ...sell, price: 250, parentId: "parent-1" },
  ];
  const parent = await placed(recorder, ...bracket);
  control.rejectOrder(Number(rejected), "Margin rules changed");
  control.advance(2_000);
  await get("iserver/account/orders");
  for (const id of [stop, limit, rejected, parent, String(Number(parent) + 1)]) {
    await get(`iserver/account/order/status/${id}`);
  }
  await confirmed(recorder, await post(`${ACCOUNT}/order/${limit}`, { ...BUY, price: 198.5 }));
  await post(`${ACCOUNT}/order/${limit}`, { ...BUY, price: 120 });
  await post(`${ACCOUNT}/order/123456`, BUY);
  for (const id of [limit, "123456", bought, rejected, "-1"]) await recorder.delete(`${ACCOUNT}/order/${id}`);
  // Once more while the cancellations are under way, and after them.
  await get("iserver/account/orders");
  control.advance(5_000);
  await get("iserver/account/orders");
  await get(`iserver/account/order/status/${limit}`);
  await get("iserver/account/orders?force=true");
  await get("iserver/account/trades?days=7");
}

async function unansweredQuestion(recorder: Recorder): Promise<void> {
  const { get, post } = recorder;
  const far = { ...BUY, price: 150 };
  const question = await post(`${ACCOUNT}/orders`, { orders: [far] });
  const { orders } = (await get("iserver/account/orders")).json as { orders: { orderId: number }[] };
  const ticket = orders[0]?.orderId;
  await get(`iserver/account/order/status/${ticket}`);
  await recorder.delete(`${ACCOUNT}/order/${ticket}`);
  // Other calls came between question and reply.
  await post(`iserver/reply/${String(firstRow(question).id)}`, { confirmed: true });
  const again = await post(`${ACCOUNT}/orders`, { orders: [far] });
  await post(`iserver/reply/${String(firstRow(again).id)}`, { confirmed: false });
}

async function refusals({ get, post }: Recorder): Promise<void> {
  await get("iserver/account/order/status/999999999999");
  await get("iserver/account/order/status/000000000");
  await post(`${ACCOUNT}/orders`, [BUY]);
  const refused: object[] = [
    { ...BUY, conid: String(AAPL) },
    { ...BUY, conid: undefined },
    { ...BUY, side: "HOLD" },
    { ...BUY, orderType: "GUESS" },
    { ...BUY, conid: 13297 },
    { ...BUY, tif: undefined },
    { ...BUY, orderType: "STP", auxPrice: 1 },
    { ...BUY, price: 900 },
    { ...BUY, cOID: "limit-1" },
    { conid: AAPL, orderType: "MKT", side: "SELL", tif: "DAY", cashQty: 100 },
    { ...BUY, quantity: 0 },
  ];
  for (const ticket of refused) await post(`${ACCOUNT}/orders`, { orders: [ticket] });
  await post("iserver/account/INVALID999/orders", { orders: [BUY] });
  await post("iserver/account/INVALID999/orders/whatif", { orders: [BUY] });
}
