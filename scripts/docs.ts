import { readFileSync, writeFileSync } from "node:fs";
import { settingsSchema as cryptoSettings } from "crypto-mcp/settings";
import { settingsSchema } from "ibkr-mcp/settings";
import { rules } from "trading-core/guard/rules/index";
import {
  envExample,
  refusalCodesTable,
  replaceSection,
  rulesTable,
  settingsTable,
  toolsTable,
} from "trading-mcp/docs";
import { catalog } from "trading-mcp/tools/catalog";

/**
 * Writes the generated parts of the documentation, or with `--check` fails when they are not what the code
 * says: the README's tables, the crypto server's settings, the reference of refusal codes, and `.env.example`.
 */
const root = new URL("../../", import.meta.url).pathname;
const check = process.argv.includes("--check");

const ENV_HEAD = `# Settings of the ibkr server. Every line is commented out with its default or an example: copying this file
# changes nothing. Put what you change into the user's settings file that \`ibkr-mcp config\` names, into a file
# of your own (\`ibkr-mcp --env-file PATH\`), or into the env block of the MCP client. A .env in the working
# directory is never read.

`;

const CRYPTO_HEAD = `
# ---------------------------------------------------------------------------------------------------------
# Settings that only the crypto server has: for the file that \`crypto-mcp config\` names. Limits, lists,
# files and TRADING_TOOLS are called as above and may go there too; docs/crypto.md tells what they mean there.

`;
const onlyCrypto = Object.fromEntries(
  Object.entries(cryptoSettings).filter(([key]) => !Object.hasOwn(settingsSchema, key)),
);

const wanted = new Map<string, string>([
  [
    "README.md",
    [
      ["tools", toolsTable(catalog)],
      ["rules", rulesTable(rules)],
      ["settings", settingsTable(settingsSchema)],
    ].reduce((text, [name, body]) => replaceSection(text, name ?? "", body ?? ""), read("README.md")),
  ],
  ["docs/refusal-codes.md", replaceSection(read("docs/refusal-codes.md"), "codes", refusalCodesTable(rules))],
  ["docs/crypto.md", replaceSection(read("docs/crypto.md"), "settings", settingsTable(cryptoSettings))],
  [".env.example", ENV_HEAD + envExample(settingsSchema) + CRYPTO_HEAD + envExample(onlyCrypto)],
]);

const stale = [...wanted].filter(([path, text]) => read(path) !== text);
if (check && stale.length > 0) {
  const names = stale.map(([path]) => path).join(", ");
  process.stderr.write(`Out of date: ${names}. Run: npx -y pnpm@12.21.0 run docs\n`);
  process.exit(1);
}
for (const [path, text] of stale) writeFileSync(root + path, text);

function read(path: string): string {
  try {
    return readFileSync(root + path, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return "";
    throw error;
  }
}
