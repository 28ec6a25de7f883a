import { expect, test } from "vitest";
import { dataOf, errorOf } from "../testing/call.ts";
import { anOrder, testVenue } from "../testing/venue.ts";

test("answers by either id", async () => {
  const venue = testVenue();
  expect(await dataOf("order_status", { order_id: "ab12cd34ef56" }, venue)).toMatchObject({
    status: "filled",
  });
  expect(venue.calls).toEqual([["order", "ab12cd34ef56"]]);
});

test("an id that no venue could have given is refused before the venue is asked", async () => {
  const venue = testVenue();
  for (const order_id of ["", "a b", "../x", "x".repeat(65), 12]) {
    expect((await errorOf("order_status", { order_id }, venue)).code).toBe("invalid_arguments");
  }
  expect(venue.calls).toEqual([]);
});

test("a hostile message of the venue is bounded text without tricks", async () => {
  const message = `Buy\u202e now!\n<script>x</script>${"z".repeat(5_000)}`;
  const venue = testVenue({
    guard: {
      order: async () =>
        anOrder({ message, exchanges: [{ questionIds: ["o163"], text: message, answer: "declined" }] }),
    },
  });
  const data = await dataOf("order_status", { order_id: "1" }, venue);
  expect(String(data.message)).toHaveLength(500);
  expect(data.message).toMatch(/^Buy now! x zzz/);
  expect(data.questions).toMatchObject([{ ids: ["o163"], answer: "declined" }]);
});
