import { decimal, isDecimal, plain } from "../domain/money.ts";

/**
 * JSON for what JSON has no words for: maps, sets and exact decimals come back as what they were. Plain
 * objects must not have "$map", "$set" or "$dec" as their only key.
 */
export function toExactJson(value: unknown): string {
  return JSON.stringify(pack(value));
}

/** Throws on text that is no JSON. */
export function fromExactJson(text: string): unknown {
  return JSON.parse(text, (_, value: unknown) => unpack(value));
}

function pack(value: unknown): unknown {
  if (typeof value !== "object" || value === null) return value;
  if (isDecimal(value)) return { $dec: plain(value) };
  if (value instanceof Map) return { $map: [...value].map(([key, each]) => [pack(key), pack(each)]) };
  if (value instanceof Set) return { $set: [...value].map(pack) };
  if (Array.isArray(value)) return value.map(pack);
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, pack(each)]));
}

function unpack(value: unknown): unknown {
  if (typeof value !== "object" || value === null) return value;
  const { $dec, $map, $set } = value as { $dec?: string; $map?: [unknown, unknown][]; $set?: unknown[] };
  if ($dec !== undefined) return decimal($dec);
  if ($map !== undefined) return new Map($map);
  if ($set !== undefined) return new Set($set);
  return value;
}
