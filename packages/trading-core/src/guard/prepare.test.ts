import { expect, test } from "vitest";
import { bench, failure, order } from "../testing/fixtures.ts";

test("L32: an order built for another account than the verified one is not sent", async () => {
  const at = bench();
  // The login changes after the identity was read, and the adapter follows it.
  const { broker } = at.venue;
  at.venue.broker = { ...broker, prepare: (intent) => ({ ...broker.prepare(intent), accountId: "U999" }) };
  const refused = await failure(at.another().place(order("BUY", "1")));
  expect(refused).toMatchObject({ code: "account_changed", details: { outcome: "not_sent" } });
  expect(refused.message).toContain("U999");
  expect(at.venue.wire).toEqual([]);
  expect(at.kinds()).not.toContain("intent");
  at.end();
});

test("the account that was verified is traded on", async () => {
  const at = bench();
  const { broker } = at.venue;
  at.venue.broker = { ...broker, prepare: (intent) => ({ ...broker.prepare(intent), accountId: "DU1" }) };
  await at.another().place(order("BUY", "1"));
  expect(at.venue.wire).toHaveLength(1);
  at.end();
});
