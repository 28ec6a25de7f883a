import { untrustedText } from "trading-core/domain/untrusted-text";
import { editDistance, nearest } from "./nearest.ts";
import type { Setting } from "./settings.ts";

/** One `.env` file, read: where it is and what it says. */
export interface EnvFile {
  path: string;
  values: Record<string, string>;
}

// biome-ignore lint/suspicious/noExplicitAny: a schema holds settings of every type
export type SettingsSchema = Record<string, Setting<any>>;

export type SettingValues<Schema extends SettingsSchema> = {
  [Key in keyof Schema]: Schema[Key] extends Setting<infer Value> ? Value : never;
};

export interface LoadOptions<Schema extends SettingsSchema> {
  schema: Schema;
  /** The process environment, in which a client's `env` block arrives. */
  env: Record<string, string | undefined>;
  /** What a flag of the command line sets, above everything else. */
  overrides?: Record<string, string>;
  /** Strongest first; all of them are weaker than `env`. */
  envFiles: readonly EnvFile[];
  /** Beginnings that only our keys have: an unknown key with one of them is a mistake. */
  prefixes: readonly string[];
  /** Keys of a sibling server, which may share a file: known, and not read. */
  alsoKnown?: readonly string[];
  /** Keys that somebody may expect and that do nothing here, each with what to know about it: an error. */
  unsupported?: Readonly<Record<string, string>>;
  /** Contradictions between values that are each readable. Called only when all of them are. */
  contradictions?(values: SettingValues<Schema>): ConfigProblem[];
}

export interface ConfigProblem {
  key: string;
  /** What it got, what it takes, what was probably meant. */
  message: string;
}

export interface LoadedSettings<Schema extends SettingsSchema> {
  values: SettingValues<Schema>;
  /** "command line", "environment", a file's path, or "default". */
  sources: { [Key in keyof Schema]: string };
  /** As it was written, before it was read; null where unset. For printing, never for a secret. */
  texts: { [Key in keyof Schema]: string | null };
  /** Values that must never appear anywhere. */
  secrets: string[];
}

/** The configuration cannot be used. Carries every problem, so that one round of editing is enough. */
export class ConfigError extends Error {
  readonly problems: readonly ConfigProblem[];

  constructor(problems: readonly ConfigProblem[]) {
    super(problems.map(({ key, message }) => `${key}: ${message}`).join("\n"));
    this.name = "ConfigError";
    this.problems = problems;
  }
}

/** Reads every setting from its strongest source. Throws a ConfigError that names all problems at once. */
export function loadSettings<Schema extends SettingsSchema>(
  options: LoadOptions<Schema>,
): LoadedSettings<Schema> {
  const { schema } = options;
  const problems = unknownKeys(options);
  const values: Record<string, unknown> = {};
  const sources: Record<string, string> = {};
  const texts: Record<string, string | null> = {};
  const secrets: string[] = [];
  for (const [key, setting] of Object.entries(schema)) {
    const found = find(key, options);
    const text = found?.text ?? setting.default;
    sources[key] = found?.source ?? "default";
    texts[key] = text;
    if (text === null) {
      values[key] = null;
      continue;
    }
    if (setting.secret) secrets.push(text);
    const parsed = setting.schema.safeParse(text);
    if (parsed.success) values[key] = parsed.data;
    else problems.push({ key, message: unreadable(setting, text, sources[key]) });
  }
  const typed = values as SettingValues<Schema>;
  if (problems.length === 0) problems.push(...(options.contradictions?.(typed) ?? []));
  if (problems.length > 0) throw new ConfigError(problems);
  return { values: typed, sources, texts, secrets } as LoadedSettings<Schema>;
}

/** The strongest source that says something; blank means unset, so that `KEY=` takes nothing away. */
function find<Schema extends SettingsSchema>(key: string, { overrides, env, envFiles }: LoadOptions<Schema>) {
  const candidates = [
    { source: "command line", text: overrides?.[key] },
    { source: "environment", text: env[key] },
    ...envFiles.map((file) => ({ source: file.path, text: file.values[key] })),
  ];
  for (const { source, text } of candidates) {
    const trimmed = text?.trim();
    if (trimmed) return { source, text: trimmed };
  }
  return null;
}

function unreadable(setting: Setting<unknown>, text: string, source: string): string {
  const got = setting.secret ? `a secret of ${text.length} characters` : `"${untrustedText(text, 60)}"`;
  return `takes ${setting.takes}, got ${got} (${source})`;
}

/** A misspelt safety key would silently be no limit at all; so it is an error. */
function unknownKeys<Schema extends SettingsSchema>(options: LoadOptions<Schema>): ConfigProblem[] {
  const own = Object.keys(options.schema);
  const known = new Set([...own, ...(options.alsoKnown ?? [])]);
  // Our file holds our settings: there, the first word of any of them is enough to look like one.
  const words = own.map((key) => `${key.split("_")[0] ?? key}_`);
  const unsupported = new Map(Object.entries(options.unsupported ?? {}));
  const inFile: Suspicion = { known, unsupported, prefixes: [...options.prefixes, ...words], shortest: 1 };
  const inEnvironment: Suspicion = { known, unsupported, prefixes: options.prefixes, shortest: LONG_KEY };
  return [
    ...options.envFiles.flatMap(({ path, values }) => suspects(Object.keys(values), path, inFile)),
    ...suspects(Object.keys(options.env), "environment", inEnvironment),
  ];
}

interface Suspicion {
  known: ReadonlySet<string>;
  unsupported: ReadonlyMap<string, string>;
  prefixes: readonly string[];
  /** Keys shorter than this are never near misses. */
  shortest: number;
}

function suspects(keys: string[], source: string, suspicion: Suspicion): ConfigProblem[] {
  const { known, unsupported, prefixes, shortest } = suspicion;
  return keys.flatMap((key) => {
    if (known.has(key)) return [];
    const upper = key.toUpperCase();
    const told = unsupported.get(upper);
    if (told !== undefined) return [{ key: upper, message: `${told} (${source})` }];
    const meant = nearMiss(upper, known, shortest);
    if (meant === null && !prefixes.some((prefix) => upper.startsWith(prefix))) return [];
    const suggestion = meant ?? nearest(upper, known);
    const hint = suggestion === null ? "" : `; did you mean ${suggestion}?`;
    return [{ key: untrustedText(key, 60), message: `unknown setting (${source})${hint}` }];
  });
}

/** The environment is full of other programs' variables: there, only long keys may be near ours. */
const LONG_KEY = 10;
const NEAR = 2;

function nearMiss(key: string, known: Iterable<string>, shortest: number): string | null {
  let best: { name: string; distance: number } | null = null;
  for (const name of known) {
    if (Math.min(name.length, key.length) < shortest || Math.abs(name.length - key.length) > NEAR) continue;
    const distance = editDistance(key, name);
    if (distance <= NEAR && (best === null || distance < best.distance)) best = { name, distance };
  }
  return best?.name ?? null;
}
