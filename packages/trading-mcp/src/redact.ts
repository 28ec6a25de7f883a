/** Names whose values are never shown. */
const SECRET_NAME = /secret|password|passphrase|token|key|authorization|cookie|credential|signature/i;
/** Credentials inside a URL's query or a header line that found its way into a message. */
const SECRET_IN_TEXT =
  /\b((?:api[_-]?key|access[_-]?key|signature|secret|token|password|passphrase)["']?\s*[=:]\s*["']?)[^\s"'&,;}]+/gi;
const BEARER = /\b(Bearer|Basic)\s+[A-Za-z0-9._~+/=-]{8,}/g;

export const REDACTED = "[redacted]";
const MAX_DEPTH = 6;
const MAX_ITEMS = 100;

export function isSecretName(name: string): boolean {
  return SECRET_NAME.test(name);
}

/** Text without the given values and without anything that names itself a credential. */
export function redactText(text: string, secrets: readonly string[] = []): string {
  let clean = text;
  for (const secret of secrets) {
    if (secret.length < 4) continue;
    clean = clean.replaceAll(secret, REDACTED);
    const escaped = JSON.stringify(secret).slice(1, -1);
    if (escaped !== secret) clean = clean.replaceAll(escaped, REDACTED);
  }
  return clean.replace(SECRET_IN_TEXT, `$1${REDACTED}`).replace(BEARER, `$1 ${REDACTED}`);
}

/** A copy that is safe to print: values under secret names replaced, errors as data, depth and width bounded. */
export function redactData(value: unknown, depth = 0): unknown {
  if (typeof value === "bigint") return String(value);
  if (value === null || typeof value !== "object") return typeof value === "function" ? "[function]" : value;
  if (depth >= MAX_DEPTH) return "[deep]";
  if (value instanceof Error) return errorData(value, depth);
  if (Array.isArray(value)) return value.slice(0, MAX_ITEMS).map((item) => redactData(item, depth + 1));
  // Decimals and dates know how they want to be written.
  if (typeof (value as { toJSON?: unknown }).toJSON === "function") {
    return (value as { toJSON(): unknown }).toJSON();
  }
  const entries = Object.entries(value).slice(0, MAX_ITEMS);
  return Object.fromEntries(
    entries.map(([name, item]) => [name, isSecretName(name) ? REDACTED : redactData(item, depth + 1)]),
  );
}

function errorData(error: Error, depth: number): unknown {
  const { code } = error as { code?: unknown };
  return {
    type: error.name,
    message: error.message,
    ...(typeof code === "string" || typeof code === "number" ? { code } : {}),
    stack: error.stack,
    ...(error.cause === undefined ? {} : { cause: redactData(error.cause, depth + 1) }),
  };
}
