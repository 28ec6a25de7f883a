import { bodyObject, type Gateway, type GatewayRequest } from "./gateway.ts";
import { type Reply, text, webError } from "./reply.ts";

/** Answers to order prompts come back as plain text. */
export function answerNotification(request: GatewayRequest, _gateway: Gateway): Reply {
  const { orderId, reqId, text: choice } = bodyObject(request);
  if (orderId === undefined || reqId === undefined || choice === undefined) {
    return webError(400, "Bad Request: orderId, reqId and text are required");
  }
  return text("Success");
}
