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
  const errors = () =>
    written.map((text) => {
      const { id, error } = JSON.parse(text);
      expect(error.data).toMatchObject({ ok: false, error: { message: error.message, retryable: false } });
      return [id, error.code, error.data.error.code];
    });
  await made.start();
  const feed = async (...chunks: (string | Buffer)[]) => {
    for (const chunk of chunks) stdin.write(chunk);
    await new Promise(setImmediate);
  };
  return { made, feed, written, received, errors };
}

const request = (id: unknown, x = "") => ({ jsonrpc: "2.0", id, method: "m", params: { x } });
const line = (message: object) => `${JSON.stringify(message)}\n`;

test("a line at the bound is read and one above it refused under its id, with everything after it served", async () => {
  const { feed, received, errors } = await transport(200);
  const fits = "x".repeat(200 - line(request(1)).length + 1);
  await feed(line(request(1, fits)), line(request(2, `${fits}x`)), line(request(3)));
  expect(received).toEqual([request(1, fits), request(3)]);
  expect(errors()).toEqual([[2, -32600, "message_too_long"]]);
});

test("an id is taken until its reply went out, and 1 is not the text 1", async () => {
  const { made, feed, received, errors } = await transport();
  await feed(line(request(1)), line(request(1)), line(request("1")));
  expect(received).toEqual([request(1), request("1")]);
  // Under its own id it would be taken for the answer to the first one.
  expect(errors()).toEqual([[null, -32600, "id_in_use"]]);
  await made.send({ jsonrpc: "2.0", id: 1, result: {} });
  await feed(line(request(1)));
  expect(received).toHaveLength(3);
});

test("no refusal goes out under the id of a request that is still being worked on", async () => {
  const { feed, errors } = await transport(200);
  await feed(line(request(1)), line(request(1, "x".repeat(300))), line({ jsonrpc: "2.0", id: 1 }));
  await feed(line({ ...request(1), extra: 1 }));
  expect(errors().map(([id]) => id)).toEqual([null, null, null]);
});

test("a cancelled request, which is never answered, gives its id back", async () => {
  const { feed, received } = await transport();
  const cancelled = { jsonrpc: "2.0", method: "notifications/cancelled", params: { requestId: 1 } };
  await feed(line(request(1)), line(cancelled), line(request(1)));
  expect(received).toHaveLength(3);
});

test("a cancel that the library cannot read, or takes for none, frees no id", async () => {
  const { made, feed, received, errors } = await transport();
  const cancel = (params: unknown) => line({ jsonrpc: "2.0", method: "notifications/cancelled", params });
  made.readable = (message) => !JSON.stringify(message).includes("unreadable");
  await feed(
    line(request(1)),
    cancel({ requestId: 1, reason: "unreadable" }),
    cancel(null),
    line(request(1)),
  );
  await feed(line(request(0)), cancel({ requestId: 0 }), line(request(0)));
  expect(received.filter((message) => (message as { id?: unknown }).id !== undefined)).toHaveLength(2);
  expect(errors()).toEqual([
    [null, -32600, "id_in_use"],
    [null, -32600, "id_in_use"],
  ]);
});

test("what is no request is refused, under its id where it has one", async () => {
  const { made, feed, received, errors } = await transport();
  made.readable = (message) => !("extra" in (message as object));
  await feed("junk\n", "[]\n", "5\n", "null\n", '{"id":7}\n', '{"jsonrpc":"1.0","id":8,"method":"m"}\n');
  await feed(line(request(null)), line(request(1.5)), line(request({})), line({ ...request(9), extra: 1 }));
  expect(received).toEqual([]);
  expect(errors()).toEqual([
    [null, -32700, "not_json"],
    [null, -32600, "invalid_request"],
    [null, -32600, "invalid_request"],
    [null, -32600, "invalid_request"],
    [7, -32600, "invalid_request"],
    [8, -32600, "invalid_request"],
    [null, -32600, "invalid_request"],
    [null, -32600, "invalid_request"],
    [null, -32600, "invalid_request"],
    [9, -32600, "invalid_request"],
  ]);
});

test("what asks for no answer gets none, readable or not", async () => {
  const { made, feed, received, written } = await transport();
  made.readable = (message) => !("extra" in (message as object));
  await feed(
    line({ jsonrpc: "2.0", method: "n", extra: 1 }),
    line({ jsonrpc: "2.0", id: 1, result: {}, extra: 1 }),
  );
  await feed("\n", "\r\n", "  \n", "\ufeff\n");
  expect([received, written]).toEqual([[], []]);
});

test("a byte order mark and a carriage return are no part of a message", async () => {
  const { feed, received } = await transport();
  await feed(`\ufeff${JSON.stringify(request(1))}\r\n`);
  expect(received).toEqual([request(1)]);
});

test("a message that the library chokes on is refused, and its id is free again", async () => {
  const { made, feed, errors } = await transport();
  made.onmessage = () => {
    throw new RangeError("too deep");
  };
  await feed(line(request(1)), line(request(1)));
  expect(errors()).toEqual([
    [1, -32603, "internal_error"],
    [1, -32603, "internal_error"],
  ]);
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
