import { rules } from "trading-core/guard/rules/index";
import { describe, expect, test } from "vitest";
import {
  envExample,
  refusalCodesTable,
  replaceSection,
  rulesTable,
  settingsTable,
  toolsTable,
} from "./docs.ts";
import { amount, text } from "./settings.ts";
import { catalog } from "./tools/catalog.ts";

const schema = {
  MAX_ORDER_VALUE: amount()({
    description: "Most that one entry may be worth.",
    group: "Limits",
    default: "100",
  }),
  API_SECRET: text()({ description: "The a|b secret.", group: "Account", secret: true, example: "abc" }),
};

test("L17: the tools table names every tool, with its arguments and its first sentence", () => {
  const lines = toolsTable(catalog).split("\n");
  expect(lines).toHaveLength(catalog.length + 2);
  expect(lines.find((line) => line.includes("`sell`"))).toBe(
    "| `sell` (order) | `symbol` `quantity` `limit_price?` `time_in_force?` `idempotency_key?` | Sells a quantity (shares or units) that is held and not reserved by another order; limit_price makes it a limit order. |",
  );
});

test("settings by group, with what they take", () => {
  expect(settingsTable(schema)).toBe(
    [
      "**Limits**",
      "",
      "| Setting | Default | Takes | What it does |",
      "|---|---|---|---|",
      "| `MAX_ORDER_VALUE` | `100` | a plain number such as 250 or 0.5, greater than 0 | Most that one entry may be worth. |",
      "",
      "**Account**",
      "",
      "| Setting | Default | Takes | What it does |",
      "|---|---|---|---|",
      "| `API_SECRET` |  | text | The a\\|b secret. (secret) |",
    ].join("\n"),
  );
});

test("copying the example changes nothing: every line is a comment", () => {
  const body = envExample(schema);
  expect(body.split("\n").every((line) => line === "" || line.startsWith("#"))).toBe(true);
  expect(body).toContain("# MAX_ORDER_VALUE=100");
  expect(body).toContain("# API_SECRET=abc");
});

test("every rule and every code that it can refuse with is in a table", () => {
  const codes = refusalCodesTable(rules);
  for (const rule of rules) {
    expect(rulesTable(rules)).toContain(`| ${rule.name} |`);
    for (const code of Object.keys(rule.codes)) expect(codes).toContain(`| \`${code}\` | ${rule.name} |`);
  }
});

describe("a section is replaced between its markers", () => {
  const document = "a\n<!-- begin:tools -->\nold\n<!-- end:tools -->\nz\n";

  test("and nothing else is touched, however often", () => {
    const once = replaceSection(document, "tools", "new $& text");
    expect(once).toBe("a\n<!-- begin:tools -->\n\nnew $& text\n\n<!-- end:tools -->\nz\n");
    expect(replaceSection(once, "tools", "new $& text")).toBe(once);
  });

  test.each(["", "<!-- begin:tools -->", "<!-- end:tools --><!-- begin:tools -->", document + document])(
    "markers that are not there exactly once are an error: %j",
    (broken) => {
      expect(() => replaceSection(broken, "tools", "x")).toThrow("exactly once");
    },
  );
});
