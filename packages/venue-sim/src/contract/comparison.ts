import {
  type Difference,
  type DifferenceKind,
  type OpenApiDocument,
  responseSchema,
  walkSchema,
} from "./open-api.ts";
import type { RecordedAnswer } from "./recorder.ts";

/** `empty`: no body where one is described. `problem`: an error of another form than described. */
export type DeviationKind = DifferenceKind | "empty" | "problem";

/** Where answers may differ from the schema. Every endpoint with every path of it must occur. */
export interface Deviation {
  kind: DeviationKind;
  endpoints: string[];
  /** 200 unless told. */
  status?: number;
  /** `*` stands for any one name. */
  paths: string[];
  why: string;
}

/** Objects that the schema describes by one example of their keys: these are maps. */
export interface ExampleKeys {
  endpoint: string;
  path: string;
  why: string;
}

export interface Comparison {
  /** False when the schema does not describe this status, or no body for it. */
  isDescribed: boolean;
  differences: (Omit<Difference, "kind"> & { kind: DeviationKind })[];
  keys: Set<string>;
}

/** Holds an answer against the published schema. */
export function compare(
  document: OpenApiDocument,
  answer: RecordedAnswer,
  isMap: (path: string) => boolean,
): Comparison {
  const schema = responseSchema(document, answer.endpoint, answer.status);
  const whole = (kind: DeviationKind, detail: string): Comparison => ({
    isDescribed: true,
    differences: [{ kind, path: "", detail }],
    keys: new Set(),
  });
  if (schema === null) return { isDescribed: false, differences: [], keys: new Set() };
  if (answer.text === "") return whole("empty", "a body is described");
  const value = answer.contentType?.startsWith("text/") ? answer.text : answer.json;
  const { differences, keys } = walkSchema(document, schema, value, { isMap });
  // RFC 7807 requires a title; the venue's own errors have none.
  if (differences.some(({ kind, path }) => kind === "missing" && path === "title")) {
    return whole("problem", `a problem document is described, is ${answer.text}`);
  }
  return { isDescribed: true, differences, keys };
}

/** Keeps account of which entries of a list of exceptions were needed. */
export function createLedger(deviations: Deviation[]) {
  const entries = deviations.flatMap(({ kind, endpoints, status = 200, paths }) =>
    endpoints.flatMap((endpoint) =>
      paths.map((path) => ({ name: `${endpoint} ${status} ${kind} ${path}`, kind, endpoint, status, path })),
    ),
  );
  const used = new Set<string>();
  return {
    /** Whether a difference is listed; every entry that lists it counts as used. */
    excuses(answer: RecordedAnswer, difference: { kind: DeviationKind; path: string }): boolean {
      const found = entries.filter(
        ({ kind, endpoint, status, path }) =>
          kind === difference.kind &&
          endpoint === answer.endpoint &&
          status === answer.status &&
          fits(path, difference.path),
      );
      for (const { name } of found) used.add(name);
      return found.length > 0;
    },
    unused: () => entries.map(({ name }) => name).filter((name) => !used.has(name)),
  };
}

function fits(pattern: string, path: string): boolean {
  const wanted = pattern.split(".");
  const actual = path.split(".");
  return wanted.length === actual.length && wanted.every((part, i) => part === "*" || part === actual[i]);
}
