import type { LoadedSettings, SettingsSchema } from "../config.ts";

/** Every setting with its effective value and where that came from; secrets only say whether they are set. */
export function printConfig<Schema extends SettingsSchema>(
  schema: Schema,
  loaded: LoadedSettings<Schema>,
): string {
  const rows = Object.entries(schema).map(([key, setting]) => ({
    key,
    group: setting.group,
    value: shown(loaded.texts[key] ?? null, setting.secret),
    source: loaded.sources[key] ?? "default",
  }));
  const keyWidth = Math.max(...rows.map(({ key }) => key.length));
  const valueWidth = Math.min(40, Math.max(...rows.map(({ value }) => value.length)));
  const lines: string[] = [];
  for (const [index, row] of rows.entries()) {
    if (row.group !== rows[index - 1]?.group) lines.push(...(index === 0 ? [] : [""]), `# ${row.group}`);
    lines.push(`${row.key.padEnd(keyWidth)}  ${row.value.padEnd(valueWidth)}  ${row.source}`);
  }
  return `${lines.join("\n")}\n`;
}

function shown(text: string | null, secret: boolean): string {
  if (text === null) return "(unset)";
  return secret ? "(set, hidden)" : text;
}
