import type { Rule } from "trading-core/guard/rule";
import type { SettingsSchema } from "./config.ts";
import type { Tool } from "./tools/define-tool.ts";

/** Documentation that is made from what the code does, so that the two cannot drift apart. */

export function toolsTable(tools: readonly Tool[]): string {
  return table(
    ["Tool", "Arguments", "What it does"],
    tools.map((tool) => [
      `\`${tool.name}\`${tool.kind === "order" ? " (order)" : ""}`,
      argumentsOf(tool),
      firstSentence(tool.description),
    ]),
  );
}

function argumentsOf(tool: Tool): string {
  const names = Object.entries(tool.input.shape).map(([name, schema]) =>
    schema.safeParse(undefined).success ? `${name}?` : name,
  );
  return names.length === 0 ? "" : names.map((name) => `\`${name}\``).join(" ");
}

function firstSentence(text: string): string {
  return /^.*?[.](?=\s|$)/s.exec(text)?.[0] ?? text;
}

export function settingsTable(schema: SettingsSchema): string {
  return groupsOf(schema)
    .map(({ group, settings }) => {
      const rows = settings.map(([key, setting]) => [
        `\`${key}\``,
        setting.default === null ? "" : `\`${setting.default}\``,
        setting.takes,
        setting.description + (setting.secret ? " (secret)" : ""),
      ]);
      return `**${group}**\n\n${table(["Setting", "Default", "Takes", "What it does"], rows)}`;
    })
    .join("\n\n");
}

/** Every setting, commented out with its default or an example: copying the file changes nothing. */
export function envExample(schema: SettingsSchema): string {
  const groups = groupsOf(schema).map(({ group, settings }) => {
    const entries = settings.map(([key, setting]) => {
      const value = setting.default ?? setting.example ?? "";
      return `# ${setting.description} Takes ${setting.takes}.\n# ${key}=${value}`;
    });
    return [`# --- ${group} ---`, ...entries].join("\n\n");
  });
  return `${groups.join("\n\n")}\n`;
}

function groupsOf(schema: SettingsSchema) {
  const groups = new Map<string, [string, SettingsSchema[string]][]>();
  for (const [key, setting] of Object.entries(schema)) {
    groups.set(setting.group, [...(groups.get(setting.group) ?? []), [key, setting]]);
  }
  return [...groups].map(([group, settings]) => ({ group, settings }));
}

export function rulesTable(rules: readonly Rule[]): string {
  return table(
    ["Rule", "Refuses", "Exits"],
    rules.map((rule) => [rule.name, rule.refuses, rule.exits]),
  );
}

export function refusalCodesTable(rules: readonly Rule[]): string {
  return table(
    ["Code", "Rule", "Meaning"],
    rules.flatMap((rule) =>
      Object.entries(rule.codes).map(([code, meaning]) => [`\`${code}\``, rule.name, meaning]),
    ),
  );
}

function table(head: string[], rows: string[][]): string {
  const line = (cells: string[]) => `| ${cells.map(cell).join(" | ")} |`;
  return [line(head), `|${head.map(() => "---").join("|")}|`, ...rows.map(line)].join("\n");
}

function cell(text: string): string {
  return text.replace(/\s+/g, " ").replaceAll("|", "\\|").trim();
}

/**
 * The document with what stands between `<!-- begin:name -->` and `<!-- end:name -->` replaced. Throws
 * when the markers are not there exactly once: a table that is silently not written is a lie.
 */
export function replaceSection(document: string, name: string, body: string): string {
  const begin = `<!-- begin:${name} -->`;
  const end = `<!-- end:${name} -->`;
  const [before, rest, ...moreBegins] = document.split(begin);
  const [, after, ...moreEnds] = rest?.split(end) ?? [];
  if (before === undefined || after === undefined || moreBegins.length + moreEnds.length > 0) {
    throw new Error(`the document has to hold ${begin} and ${end} exactly once, in this order`);
  }
  return `${before}${begin}\n\n${body.trim()}\n\n${end}${after}`;
}
