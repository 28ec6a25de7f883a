import { createHash, createHmac, timingSafeEqual } from "node:crypto";
import type { Exchange, RawRequest } from "../exchange/exchange.ts";
import { refuse } from "./errors.ts";
import type { Parameters } from "./parameters.ts";

/** Checks who asks; every nonce has to be greater than all before it. */
export interface Gate {
  authorize(request: RawRequest, parameters: Parameters): void;
  reset(): void;
}

export function createGate(exchange: Exchange): Gate {
  let lastNonce = 0n;
  return {
    authorize: (request, parameters) => {
      if (request.headers["api-key"] !== exchange.keys.apiKey) refuse("EAPI:Invalid key");
      const nonce = parameters.text("nonce") ?? "";
      if (!/^\d{1,19}$/.test(nonce)) refuse("EAPI:Invalid nonce");
      if (!isSigned(exchange, request, nonce)) refuse("EAPI:Invalid signature");
      if (BigInt(nonce) <= lastNonce) refuse("EAPI:Invalid nonce");
      lastNonce = BigInt(nonce);
    },
    reset: () => {
      lastNonce = 0n;
    },
  };
}

/** HMAC-SHA512 over the path and SHA256(nonce + body), with the decoded secret; the body as it was sent. */
function isSigned(exchange: Exchange, request: RawRequest, nonce: string): boolean {
  const inner = createHash("sha256")
    .update(nonce + request.body)
    .digest();
  const wanted = createHmac("sha512", Buffer.from(exchange.keys.apiSecret, "base64"))
    .update(Buffer.concat([Buffer.from(request.path), inner]))
    .digest("base64");
  const given = request.headers["api-sign"];
  const [a, b] = [Buffer.from(typeof given === "string" ? given : ""), Buffer.from(wanted)];
  return a.length === b.length && timingSafeEqual(a, b);
}
