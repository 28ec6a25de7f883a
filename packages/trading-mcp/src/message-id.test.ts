import { expect, test } from "vitest";
import { idAtTheEdges, isMessageId } from "./message-id.ts";

const edges = (text: string) => ({ bytes: text.length, head: text.slice(0, 512), tail: text.slice(-512) });
const long = "x".repeat(5_000);

test.each([
  ["first", `{"jsonrpc":"2.0","id":9,"method":"m","params":{"x":"${long}"}}`, 9],
  ["in front of everything", `{ "id" : "a-1" , "jsonrpc":"2.0","params":{"x":"${long}"}}`, "a-1"],
  ["last", `{"method":"m","params":{"x":"${long}"},"jsonrpc":"2.0","id":-9}\r`, -9],
  ["last but for its method", `{"params":{"x":"${long}"},"id":"q","method":"m"}`, "q"],
  ["twice, of which the last one counts", `{"id":1,"params":{"x":"${long}"},"id":2}`, 2],
])("an id that stands %s is found", (_where, text, id) => {
  expect(idAtTheEdges(edges(text))).toBe(id);
});

test.each([
  ["within params at the end", `{"method":"m","params":{"x":"${long}","id":5}}`],
  ["within params at the front", `{"params":{"id":5,"x":"${long}"}}`],
  ["inside of a text", `{"params":{"x":"${long},\\"id\\":5}"}}`],
  ["in the middle", `{"a":"${long}","id":5,"b":"${long}"}`],
  ["as no id", `{"id":null,"x":"${long}"}`],
  ["as a fraction", `{"id":1.5,"x":"${long}"}`],
  ["nowhere", long],
])("what stands %s is none", (_where, text) => {
  expect(idAtTheEdges(edges(text))).toBeNull();
});

test("text and whole numbers are ids", () => {
  expect(["", "1", 0, -1, Number.MAX_SAFE_INTEGER].every(isMessageId)).toBe(true);
  expect([null, undefined, 1.5, 1e300, Number.POSITIVE_INFINITY, {}, [], true].some(isMessageId)).toBe(false);
});
