import { expect, test } from "vitest";
import { isDescribed, type OpenApiDocument, responseSchema, type Schema, walkSchema } from "./open-api.ts";

const document: OpenApiDocument = {
  paths: {
    "/pots/{potId}": {
      get: {
        responses: {
          "200": { content: { "application/json": { schema: { $ref: "#/components/schemas/pot" } } } },
          "404": { $ref: "#/components/responses/Missing" },
          "503": {},
        },
      },
    },
  },
  components: {
    schemas: {
      pot: { type: "object", properties: { size: { type: "integer" }, lid: { type: "boolean" } } },
      glaze: { properties: { glaze: { type: "string", nullable: true } }, required: ["glaze"] },
    },
    responses: { Missing: { content: { "application/json": { schema: { type: "string" } } } } },
  },
};

function differences(schema: Schema, value: unknown, isMap?: (path: string) => boolean): string[] {
  const walked = walkSchema(document, schema, value, isMap === undefined ? {} : { isMap });
  return walked.differences.map(({ kind, path }) => `${kind} ${path}`);
}

const POT: Schema = { $ref: "#/components/schemas/pot" };
const GLAZE: Schema = { $ref: "#/components/schemas/glaze" };

test("an endpoint is found by its path, whatever its parameters are called", () => {
  expect(responseSchema(document, "GET /pots/{id}", 200)).toEqual(POT);
  expect(responseSchema(document, "GET /pots/{id}", 404)).toEqual({ type: "string" });
  expect(responseSchema(document, "GET /pots/{id}", 503)).toBeNull();
  expect(responseSchema(document, "GET /pots/{id}", 418)).toBeNull();
  expect(isDescribed(document, "GET /pots/{id}")).toBe(true);
  expect(isDescribed(document, "POST /pots/{id}")).toBe(false);
});

test("types, unknown keys and nulls are told with their paths", () => {
  expect(differences(POT, { size: 3, lid: true })).toEqual([]);
  expect(differences(POT, { size: 3.5, lid: null, crack: 1 })).toEqual([
    "type size",
    "null lid",
    "extra crack",
  ]);
  expect(differences({ type: "array", items: POT }, [{ size: 1 }, { size: "1" }])).toEqual(["type [].size"]);
  expect(differences(POT, [])).toEqual(["type "]);
});

test("required keys, nullable values and enumerations", () => {
  expect(differences(GLAZE, {})).toEqual(["missing glaze"]);
  expect(differences(GLAZE, { glaze: null })).toEqual([]);
  expect(differences({ type: "string", enum: ["S", "L"] }, "M")).toEqual(["enum "]);
  expect(differences({ type: "boolean", enum: ["true"] }, true)).toEqual([]);
});

test("allOf adds up, and of several variants the closest one speaks", () => {
  expect(differences({ allOf: [POT, GLAZE] }, { size: 1, glaze: "blue", foot: 1 })).toEqual(["extra foot"]);
  const either: Schema = { oneOf: [{ type: "array", items: GLAZE }, POT] };
  // An array with several flaws is still the array.
  expect(differences(either, [{ glaze: 1, a: 1, b: 1 }])).toEqual([
    "type [].glaze",
    "extra [].a",
    "extra [].b",
  ]);
  expect(differences({ anyOf: [POT, { type: "string" }] }, "pot")).toEqual([]);
});

test("maps: declared ones, and those that are described by an example key", () => {
  const declared: Schema = { type: "object", additionalProperties: POT };
  expect(differences(declared, { a: { size: 1 }, b: { size: "x" } })).toEqual(["type *.size"]);
  const byExample: Schema = { properties: { rows: { properties: { ROW1: POT } } } };
  expect(differences(byExample, { rows: { X: { size: 1 } } })).toEqual(["extra rows.X"]);
  expect(differences(byExample, { rows: { X: { size: "1" } } }, (path) => path === "rows")).toEqual([
    "type rows.*.size",
  ]);
});

test("what is not described may be anything, and is not counted as walked", () => {
  expect(differences({ type: "array" }, [{ a: 1 }, "b"])).toEqual([]);
  expect(differences({ type: "object" }, { a: 1 })).toEqual([]);
  expect([...walkSchema(document, POT, { size: 1, crack: 2 }).keys]).toEqual(["size"]);
});
