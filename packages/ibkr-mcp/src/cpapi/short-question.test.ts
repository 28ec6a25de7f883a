import { expect, test } from "vitest";
import { mayConfirm } from "./replies.ts";

const SURE = "Are you sure you want to submit this order?";

function asked(text: string, messageIds = ["o2137"], opensShort = true, isExit = false): boolean {
  const question = { replyId: "1", messageIds, text };
  return mayConfirm(question, { side: "SELL" }, "market", isExit, opensShort);
}

test("H3: that nothing is held is confirmed for a short that the guard allows, and for no other order", () => {
  const text = `Closing quantity 4 is larger than the position of 0 AAPL. ${SURE}`;
  expect(asked(text)).toBe(true);
  expect(asked(text, ["o2137"], false)).toBe(false);
  expect(asked(text, ["o2137"], false, true)).toBe(false);
});

test.each([
  [
    "a position that the guard does not know",
    `Closing quantity 4 is larger than the position of 3 AAPL. ${SURE}`,
  ],
  ["a part of a share that is held", `Closing quantity 4 is larger than the position of 0.5 AAPL. ${SURE}`],
  ["something else under the same id", `This is a cross side order. ${SURE}`],
  [
    "more besides",
    `Closing quantity 4 is larger than the position of 0 AAPL. ${SURE} A margin call follows.`,
  ],
])("H3: %s is declined for a short as well", (_, text) => {
  expect(asked(text)).toBe(false);
});

test("H3: what is asked besides is judged as for any other order", () => {
  const opening = `Closing quantity 4 is larger than the position of 0 AAPL. ${SURE}`;
  expect(asked(`${opening} This is a market order.`, ["o2137", "o10151"])).toBe(true);
  expect(asked(`${opening} This is a market order.`, ["o2137", "o9999"])).toBe(false);
  expect(asked(`${opening} Your margin call is due.`, ["o2137", "o10151"])).toBe(false);
});
