import { expect, test } from "vitest";
import { instructions } from "./instructions.ts";

test.each(["sim", "paper", "sandbox", "live", "unheard-of"])(
  "fit every client in mode %s, mode first",
  (mode) => {
    for (const readOnly of [false, true]) {
      const text = instructions({ venue: "Interactive Brokers", mode, readOnly });
      expect(text.length).toBeLessThan(2_000);
      expect(text).toMatch(new RegExp(`^Trading on Interactive Brokers, mode "${mode}"`));
      expect(text.includes("preview_order")).toBe(!readOnly);
    }
  },
);

test("live is called what it is", () => {
  expect(instructions({ venue: "x", mode: "live", readOnly: false })).toContain("REAL MONEY");
});
