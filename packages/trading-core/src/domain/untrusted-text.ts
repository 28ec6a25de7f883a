// Controls and format characters (zero-width, bidi overrides and isolates, soft hyphen, BOM) and the line
// separators: what a hostile text uses to hide or reorder what a person reads. And halves of characters,
// which some readers of JSON choke on.
const INVISIBLE = /[\p{Cc}\p{Cf}\p{Cs}\u2028\u2029]/gu;
const TAG = /<[a-z/!][^<>]{0,200}>/gi;
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
  const text = typeof value === "string" ? value : value == null ? "" : JSON.stringify(value);
  const clean = text
    .slice(0, limit * 8)
    .replace(/[\r\n\t]+/g, " ")
    // Invisible characters first and entities next: either could hide a tag from the pattern.
    .replace(INVISIBLE, "")
    .replace(/&(?:nbsp|amp|lt|gt|quot|#39);/g, (entity) => ENTITIES[entity] ?? " ")
    .replace(TAG, " ")
    .replace(/\s+/g, " ")
    .trim();
  const characters = Array.from(clean);
  return characters.length > limit ? `${characters.slice(0, limit - 1).join("")}…` : clean;
}
