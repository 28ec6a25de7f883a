import { createServer, type IncomingHttpHeaders, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, expect, test } from "vitest";
import { postWebhook, webhookRequest } from "./webhook.ts";

const MESSAGE = 'Log in through the gateway\'s page <now> & "here".';
const SECRET = "T000/B000/SuperSecretPath";

let server: Server | null = null;
afterEach(
  () =>
    new Promise<void>((resolve) => {
      server?.closeAllConnections();
      if (server) server.close(() => resolve());
      else resolve();
      server = null;
    }),
);

interface Received {
  headers: IncomingHttpHeaders;
  body: string;
}

/** A service on loopback that judges what it gets; answers its address and what arrived. */
async function service(
  answer: (received: Received) => { status: number; body?: string; location?: string },
): Promise<{ url: URL; received: Received[] }> {
  const received: Received[] = [];
  server = createServer((request, response) => {
    let body = "";
    request.setEncoding("utf8").on("data", (text: string) => {
      body += text;
    });
    request.on("end", () => {
      received.push({ headers: request.headers, body });
      const { status, body: said = "", location } = answer({ headers: request.headers, body });
      response.writeHead(status, location === undefined ? {} : { location }).end(said);
    });
  });
  await new Promise<void>((resolve) => server?.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return { url: new URL(`http://127.0.0.1:${port}/services/${SECRET}`), received };
}

test("M18: Discord gets content, and a message that mentions nobody", () => {
  for (const host of ["discord.com", "canary.discord.com", "discordapp.com"]) {
    const { headers, body } = webhookRequest(new URL(`https://${host}/api/webhooks/1/x`), MESSAGE);
    expect(headers["content-type"]).toBe("application/json");
    expect(JSON.parse(body)).toEqual({ content: MESSAGE, allowed_mentions: { parse: [] } });
  }
});

test("Slack gets text and nothing else, with what it would read as markup escaped", () => {
  const escaped = 'Log in through the gateway\'s page &lt;now&gt; &amp; "here".';
  for (const address of [
    "https://hooks.slack.com/services/T/B/x",
    "https://discord.com/api/webhooks/1/x/slack",
  ]) {
    expect(JSON.parse(webhookRequest(new URL(address), MESSAGE).body)).toEqual({ text: escaped });
  }
});

test("ntfy gets the message itself and a title, at its own host and at others", () => {
  for (const host of ["ntfy.sh", "ntfy.example.org"]) {
    expect(webhookRequest(new URL(`https://${host}/topic`), MESSAGE)).toEqual({
      headers: { "content-type": "text/plain; charset=utf-8", title: "IBKR session" },
      body: MESSAGE,
    });
  }
});

test("a host that only looks like one of them is not taken for it", () => {
  for (const host of ["discord.com.evil.example", "notdiscord.com", "mantfy.sh"]) {
    const { body } = webhookRequest(new URL(`https://${host}/x`), MESSAGE);
    expect(JSON.parse(body)).toEqual({ text: MESSAGE, content: MESSAGE });
  }
});

test("what nobody knows gets both fields, so a service that insists on either shows it", async () => {
  const { url } = await service(({ body }) => {
    const { content, text } = JSON.parse(body);
    return content && text ? { status: 204 } : { status: 400, body: "Cannot send an empty message" };
  });
  expect(await postWebhook(url, MESSAGE)).toEqual({ ok: true });
});

test.each([
  [200, "no_text", /showed nothing: no_text/, /Discord or Slack/],
  [200, "invalid_payload", /showed nothing/, /Discord or Slack/],
  [400, '{"message": "Cannot send an empty message", "code": 50006}', /HTTP 400.*50006/, /Discord/],
  [403, "action_prohibited", /HTTP 403/, /Copy the address/],
  [404, "no_service", /HTTP 404/, /Copy the address/],
  [410, "channel_is_archived", /HTTP 410/, /Copy the address/],
  [429, "", /HTTP 429/, /tried again/],
  [500, "rollup_error", /HTTP 500/, /tried again/],
])("HTTP %i %s is not a delivery, and is told without the address", async (status, body, reason, step) => {
  const { url } = await service(() => ({ status, body }));
  const delivery = await postWebhook(url, MESSAGE);
  expect(delivery).toMatchObject({ ok: false, reason: expect.stringMatching(reason) });
  expect(delivery).toMatchObject({ nextStep: expect.stringMatching(step) });
  expect(JSON.stringify(delivery)).not.toContain(SECRET);
});

test.each([
  [200, "ok"],
  [200, '{"id":"x","event":"message","topic":"t"}'],
  [204, ""],
])("HTTP %i %s is a delivery", async (status, body) => {
  const { url } = await service(() => ({ status, body }));
  expect(await postWebhook(url, MESSAGE)).toEqual({ ok: true });
});

test("a redirect is not followed: the message and the secret stay with the host that was named", async () => {
  const { url, received } = await service(() => ({ status: 302, location: "http://127.0.0.1:1/elsewhere" }));
  expect(await postWebhook(url, MESSAGE)).toMatchObject({
    ok: false,
    reason: expect.stringMatching(/redirects/),
  });
  expect(received).toHaveLength(1);
});

test("nobody there is a sentence, without the address", async () => {
  const delivery = await postWebhook(new URL(`http://127.0.0.1:1/${SECRET}`), MESSAGE);
  expect(delivery).toMatchObject({ ok: false, reason: expect.stringMatching(/could not be reached/) });
  expect(JSON.stringify(delivery)).not.toContain(SECRET);
});

test("an answer without end is not read to its end", async () => {
  const { url } = await service(() => ({ status: 400, body: "x".repeat(5_000_000) }));
  const delivery = await postWebhook(url, MESSAGE);
  expect(JSON.stringify(delivery).length).toBeLessThan(600);
});
