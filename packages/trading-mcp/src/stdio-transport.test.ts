import { PassThrough } from "node:stream";
import { expect, test } from "vitest";
import { createStdioTransport } from "./stdio-transport.ts";
import { silent } from "./testing/call.ts";

async function transport(maxLine = 200) {
  const stdin = new PassThrough();
  const written: string[] = [];
  const received: unknown[] = [];
  const made = createStdioTransport({
    stdin,
    write: (text) => written.push(text),
    logger: silent,
    maxLine,
  });
  made.onmessage = (message) => received.push(message);
  await made.start();
  const feed = async (...chunks: (string | Buffer)[]) => {
    for (const chunk of chunks) stdin.write(chunk);
    await new Promise(setImmediate);
  };
  return { made, feed, written, received };
}

const request = (id: unknown, x = "") => ({ jsonrpc: "2.0", id, method: "m", params: { x } });
const line = (message: object) => `${JSON.stringify(message)}\n`;

test("a line at the bound is read and one above it dropped, with everything after it served", async () => {
  const { feed, received } = await transport(200);
  const fits = "x".repeat(200 - line(request(1)).length + 1);
  await feed(line(request(1, fits)), line(request(2, `${fits}x`)), line(request(3)));
  expect(received).toEqual([request(1, fits), request(3)]);
});

test("an id is taken until its reply went out, and 1 is not the text 1", async () => {
  const { made, feed, received } = await transport();
  await feed(line(request(1)), line(request(1)), line(request("1")));
  expect(received).toEqual([request(1), request("1")]);
  await made.send({ jsonrpc: "2.0", id: 1, result: {} });
  await feed(line(request(1)));
  expect(received).toHaveLength(3);
});

test("a cancelled request, which is never answered, gives its id back", async () => {
  const { feed, received } = await transport();
  const cancelled = { jsonrpc: "2.0", method: "notifications/cancelled", params: { requestId: 1 } };
  await feed(line(request(1)), line(cancelled), line(request(1)));
  expect(received).toHaveLength(3);
});

test("after the end of reading replies still go out; after the close nothing does", async () => {
  const { made, feed, received, written } = await transport();
  made.stopReading();
  await feed(line(request(1)));
  await made.send({ jsonrpc: "2.0", id: 1, result: {} });
  await made.close();
  await made.send({ jsonrpc: "2.0", id: 2, result: {} });
  expect(received).toEqual([]);
  expect(written).toEqual(['{"jsonrpc":"2.0","id":1,"result":{}}\n']);
});
