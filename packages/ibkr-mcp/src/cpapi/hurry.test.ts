import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { Answer } from "./answer.ts";
import type { Call } from "./client.ts";
import type { Cpapi } from "./create-cpapi.ts";
import { submitOrder } from "./submit.ts";
import { intentOf, openGate, startVenue, type TestVenue } from "./test-venue.ts";
import { prepareOrder } from "./ticket.ts";

/** What becomes of an order or a cancel that IBKR does not answer when the server has to end (S13). */
let venue: TestVenue;
let cpapi: Cpapi;
beforeEach(async () => {
  venue = await startVenue();
  venue.gateway.control.setPrice("AAPL", { last: 187.5 });
  cpapi = venue.connect();
  await cpapi.session.ensureReady();
  venue.gateway.control.clearRequests();
});
afterEach(() => venue.close());

const POST = { method: "POST", path: /account\/DU1234567\/orders$/ };
const DELETE = { method: "DELETE", path: /account\/DU1234567\/order\// };

/** Resolves when the gateway has the request. */
function arrived(request: { method: string; path: RegExp }): Promise<void> {
  return vi.waitFor(() => expect(venue.gateway.control.requests(request)).toHaveLength(1), {
    timeout: 30_000,
  });
}

describe("S13: a server that has to end", () => {
  test("takes an order without an answer for unknown, and sends nothing more", async () => {
    venue.gateway.control.faults.add({ ...POST, action: { type: "silence-after-landing" } });
    const hurry = new AbortController();
    const gate = { ...openGate(), hurry: hurry.signal };
    const submitting = cpapi.broker.submit(cpapi.broker.prepare(intentOf()), gate);
    await arrived(POST);
    hurry.abort();
    expect(await submitting).toMatchObject({ kind: "unknown", reason: expect.stringContaining("is ending") });
    expect(venue.gateway.control.requests({ path: "iserver/reply" })).toEqual([]);
  });

  test("sends no order when there is no time to hear of it", async () => {
    const gate = { ...openGate(), hurry: AbortSignal.abort() };
    const outcome = await cpapi.broker.submit(cpapi.broker.prepare(intentOf()), gate);
    expect(outcome).toMatchObject({ kind: "not_sent" });
    expect(venue.gateway.control.requests(POST)).toEqual([]);
  });

  test("declines a question that it has no time to answer, and waits for the venue's word on that", async () => {
    const hurry = new AbortController();
    const sent: Call[] = [];
    const question = [{ id: "r1", message: ["Are you sure?"], isSuppressed: false, messageIds: ["o163"] }];
    const line = {
      async send(call: Call): Promise<Answer> {
        sent.push(call);
        hurry.abort();
        return { kind: "json", status: 200, body: sent.length === 1 ? question : { error: "declined" } };
      },
      exitWaits: () => false,
      left: () => 9_000,
    };
    const client: Parameters<typeof submitOrder>[0] = { converse: async (_isExit, run) => run(line) };
    const outcome = await submitOrder(client, prepareOrder(intentOf(), "DU1"), {
      ...openGate(),
      hurry: hurry.signal,
    });
    expect(sent.map(({ path, body }) => [path, body])).toMatchObject([
      ["/iserver/account/DU1/orders", {}],
      ["/iserver/reply/r1", { confirmed: false }],
    ]);
    expect(sent[1]?.signal).toBeUndefined();
    expect(outcome).toMatchObject({ reason: expect.stringContaining("the server is ending") });
  });

  test("takes a cancel without an answer for unknown, and does not look on", async () => {
    const placed = await cpapi.broker.submit(cpapi.broker.prepare(intentOf()), openGate());
    const orderId = placed.kind === "acknowledged" ? placed.orderId : "";
    venue.gateway.control.faults.add({ ...DELETE, action: { type: "silence-after-landing" } });
    const hurry = new AbortController();
    const cancelling = cpapi.broker.cancel(orderId, { ...openGate(true), hurry: hurry.signal });
    await arrived(DELETE);
    venue.gateway.control.clearRequests();
    hurry.abort();
    expect(await cancelling).toMatchObject({ kind: "unknown", reason: expect.stringContaining("is ending") });
    expect(venue.gateway.control.requests()).toEqual([]);
  });
});
