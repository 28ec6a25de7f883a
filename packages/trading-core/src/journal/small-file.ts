import { readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";

/**
 * Puts a file in the place of another one, whole or not at all for whoever reads it. Not synced: after a
 * loss of power it may be the old one, or empty.
 */
export function replaceFile(path: string, text: string): void {
  const fresh = `${path}.${process.pid}.new`;
  try {
    writeFileSync(fresh, text, { mode: 0o600 });
    renameSync(fresh, path);
  } catch (error) {
    rmSync(fresh, { force: true });
    throw error;
  }
}

/** The text of a file; null where there is none, or nothing in it. */
export function readIfThere(path: string): string | null {
  try {
    return readFileSync(path, "utf8") || null;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return null;
    throw error;
  }
}
