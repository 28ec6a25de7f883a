// C0 and C1 controls, zero-width characters, bidi overrides and isolates, the BOM and line separators:
// what a hostile text uses to hide or reorder what a person reads.
// biome-ignore lint/suspicious/noControlCharactersInRegex: removing control characters is the purpose
const INVISIBLE =
  /[\u0000-\u001f\u007f-\u009f\u00ad\u200b-\u200f\u2028-\u202f\u2060-\u206f\ufeff\ufff9-\ufffb]/gu;
const TAG = /<[^<>]{0,200}>/g;
const ENTITIES: Record<string, string> = {
  "&nbsp;": " ",
  "&amp;": "&",
  "&lt;": "<",
  "&gt;": ">",
  "&quot;": '"',
  "&#39;": "'",
};

/**
 * A venue's text made safe to show and to store: markup removed, whitespace folded, controls and bidi
 * marks dropped, cut to `limit` characters. It is never interpreted.
 */
export function untrustedText(value: unknown, limit = 500): string {
  const text = typeof value === "string" ? value : value == null ? "" : String(value);
  const clean = text
    .slice(0, limit * 8)
    .replace(/[\r\n\t]+/g, " ")
    .replace(TAG, " ")
    .replace(/&(?:nbsp|amp|lt|gt|quot|#39);/g, (entity) => ENTITIES[entity] ?? " ")
    .replace(INVISIBLE, "")
    .replace(/\s+/g, " ")
    .trim();
  const characters = Array.from(clean);
  return characters.length > limit ? `${characters.slice(0, limit - 1).join("")}…` : clean;
}
