import { expect, test } from "vitest";
import { loadSettings } from "../config.ts";
import { flag, text } from "../settings.ts";
import { printConfig } from "./print-config.ts";

const schema = {
  DRY_RUN: flag({ description: "Dry run.", group: "Safety", default: "true" }),
  API_SECRET: text()({ description: "Secret.", group: "Account", secret: true }),
  ACCOUNT: text()({ description: "Account.", group: "Account" }),
};

test("says what holds and where it came from, and never a secret", () => {
  const loaded = loadSettings({ schema, env: { API_SECRET: "hunter22" }, envFiles: [], prefixes: [] });
  expect(printConfig(schema, loaded)).toBe(
    [
      "# Safety",
      "DRY_RUN     true           default",
      "",
      "# Account",
      "API_SECRET  (set, hidden)  environment",
      "ACCOUNT     (unset)        default",
      "",
    ].join("\n"),
  );
});
