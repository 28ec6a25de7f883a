/** The part of OpenAPI 3.0 that responses are described with. */
export interface Schema {
  $ref?: string;
  type?: string;
  nullable?: boolean;
  enum?: unknown[];
  properties?: Record<string, Schema>;
  required?: string[];
  additionalProperties?: boolean | Schema;
  items?: Schema;
  allOf?: Schema[];
  oneOf?: Schema[];
  anyOf?: Schema[];
}

interface Operation {
  responses?: Record<string, { $ref?: string; content?: Record<string, { schema?: Schema }> }>;
}

export interface OpenApiDocument {
  paths: Record<string, Record<string, Operation>>;
  components?: { schemas?: Record<string, Schema>; responses?: Record<string, object> };
}

/** `extra`: a key without description; `null`, `type`, `enum`: another value than described; `missing`. */
export type DifferenceKind = "extra" | "null" | "type" | "enum" | "missing";

export interface Difference {
  kind: DifferenceKind;
  /** `orders[].price`; `*` stands for a key of a map, nothing for the answer itself. */
  path: string;
  /** For people: what was described and what came. */
  detail: string;
}

export interface WalkOptions {
  /** Whether an object that is described by an example key is a map with keys of its own. */
  isMap?: (path: string) => boolean;
}

export interface WalkResult {
  differences: Difference[];
  /** Paths of keys that were compared with a description. */
  keys: Set<string>;
}

/** The schema of a response; null when the document describes no body, or not this status. */
export function responseSchema(document: OpenApiDocument, endpoint: string, status: number): Schema | null {
  const [method = "", path = ""] = endpoint.split(" ");
  const found = Object.entries(document.paths).find(([described]) => plain(described) === plain(path));
  const response = found?.[1][method.toLowerCase()]?.responses?.[String(status)];
  if (response === undefined) return null;
  const resolved = response.$ref === undefined ? response : resolveReference(document, response.$ref);
  const [body] = Object.values((resolved as NonNullable<typeof response>).content ?? {});
  return body?.schema ?? null;
}

export function isDescribed(document: OpenApiDocument, endpoint: string): boolean {
  const [method = "", path = ""] = endpoint.split(" ");
  return Object.entries(document.paths).some(
    ([described, operations]) => plain(described) === plain(path) && operations[method.toLowerCase()],
  );
}

/** Parameters go by different names in different places; where they stand is what counts. */
function plain(path: string): string {
  return path.replace(/\{[^}]*\}/g, "{}");
}

function resolveReference(document: OpenApiDocument, reference: string): unknown {
  let target: unknown = document;
  for (const part of reference.replace(/^#\//, "").split("/")) {
    target = (target as Record<string, unknown> | undefined)?.[part];
  }
  if (target === undefined) throw new Error(`The schema refers to ${reference}, which is not in it`);
  return target;
}

/** Walks a value along its schema and tells where they differ. */
export function walkSchema(
  document: OpenApiDocument,
  schema: Schema,
  value: unknown,
  options: WalkOptions = {},
): WalkResult {
  const walker = { document, isMap: options.isMap ?? (() => false) };
  return walk(walker, schema, value, "");
}

interface Walker {
  document: OpenApiDocument;
  isMap: (path: string) => boolean;
}

function walk(walker: Walker, described: Schema, value: unknown, path: string): WalkResult {
  const schema = flattened(walker.document, described);
  const variants = schema.oneOf ?? schema.anyOf;
  if (variants !== undefined) return closest(walker, variants, value, path);
  const only = (kind: DifferenceKind, detail: string): WalkResult => ({
    differences: [{ kind, path, detail }],
    keys: new Set(),
  });
  const type = schema.type ?? (schema.properties === undefined ? undefined : "object");
  if (value === null) {
    const isFree = schema.nullable === true || type === undefined;
    return isFree ? agreement() : only("null", `described as ${type}, is null`);
  }
  if (type !== undefined && !isOfType(value, type)) {
    return only("type", `described as ${type}, is ${typeName(value)}`);
  }
  // A document in YAML writes the enumeration of a boolean as words.
  const word = typeof value === "string" ? value : JSON.stringify(value);
  if (schema.enum !== undefined && !schema.enum.map(String).includes(word)) {
    return only("enum", `described as one of ${schema.enum.join(", ")}, is ${word}`);
  }
  if (Array.isArray(value)) return walkItems(walker, schema, value, path);
  return typeof value === "object" ? walkKeys(walker, schema, value, path) : agreement();
}

const agreement = (): WalkResult => ({ differences: [], keys: new Set() });

/** Follows references and lays the parts of an `allOf` on top of each other. */
function flattened(document: OpenApiDocument, schema: Schema): Schema {
  if (schema.$ref !== undefined) {
    return flattened(document, resolveReference(document, schema.$ref) as Schema);
  }
  if (schema.allOf === undefined) return schema;
  const { allOf, ...own } = schema;
  return allOf.map((part) => flattened(document, part)).reduce(merged, own);
}

function merged(a: Schema, b: Schema): Schema {
  const properties = { ...a.properties, ...b.properties };
  return {
    ...a,
    ...b,
    ...(Object.keys(properties).length === 0 ? {} : { properties }),
    required: [...(a.required ?? []), ...(b.required ?? [])],
  };
}

function isOfType(value: unknown, type: string): boolean {
  if (type === "integer") return Number.isInteger(value);
  if (type === "array") return Array.isArray(value);
  if (type === "object") return typeof value === "object" && !Array.isArray(value);
  return typeof value === type;
}

function typeName(value: unknown): string {
  return Array.isArray(value) ? "array" : Number.isInteger(value) ? "integer" : typeof value;
}

/** The variant that fits best: one of another type altogether loses against any that is merely inexact. */
function closest(walker: Walker, variants: Schema[], value: unknown, path: string): WalkResult {
  const results = variants.map((variant) => walk(walker, variant, value, path));
  const cost = ({ differences }: WalkResult) =>
    differences.reduce((sum, difference) => sum + (difference.path === path ? 1_000 : 1), 0);
  return results.reduce((best, result) => (cost(result) < cost(best) ? result : best));
}

function walkItems(walker: Walker, schema: Schema, items: unknown[], path: string): WalkResult {
  const { items: described } = schema;
  if (described === undefined) return agreement();
  return together(items.map((item) => walk(walker, described, item, `${path}[]`)));
}

function walkKeys(walker: Walker, schema: Schema, value: object, path: string): WalkResult {
  const properties = schema.properties ?? {};
  const prefix = path === "" ? "" : `${path}.`;
  const isMap = walker.isMap(path);
  const anyKey = isMap ? Object.values(properties)[0] : schema.additionalProperties;
  const isOpen = anyKey !== undefined && anyKey !== false;
  // An object of which nothing is said may hold anything.
  if (!isOpen && schema.properties === undefined) return agreement();
  const results = Object.entries(value).map(([key, inner]): WalkResult => {
    const known = isMap ? undefined : properties[key];
    if (known !== undefined) return noted(`${prefix}${key}`, walk(walker, known, inner, `${prefix}${key}`));
    if (typeof anyKey === "object") return noted(`${prefix}*`, walk(walker, anyKey, inner, `${prefix}*`));
    if (isOpen) return agreement();
    const difference: Difference = { kind: "extra", path: `${prefix}${key}`, detail: "not described" };
    return { differences: [difference], keys: new Set() };
  });
  const missing = (schema.required ?? [])
    .filter((key) => !(key in value))
    .map(
      (key): Difference => ({ kind: "missing", path: `${prefix}${key}`, detail: "described as required" }),
    );
  return together([...results, { differences: missing, keys: new Set() }]);
}

function noted(key: string, result: WalkResult): WalkResult {
  return { ...result, keys: new Set([key, ...result.keys]) };
}

function together(results: WalkResult[]): WalkResult {
  return {
    differences: results.flatMap(({ differences }) => differences),
    keys: new Set(results.flatMap(({ keys }) => [...keys])),
  };
}
