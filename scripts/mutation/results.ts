import { createHash } from "node:crypto";

/** One changed place of a source file and what the tests said of it. */
export interface Mutant {
  readonly file: string;
  readonly line: number;
  readonly mutator: string;
  /** The source text that was replaced, white space made single. */
  readonly original: string;
  readonly replacement: string;
  readonly status: "Killed" | "Survived" | "NoCoverage" | "Timeout" | "Error";
}

/** One file's figures, with the day and the commit of its measurement: a line of `measured.jsonl`. */
export interface FileResult {
  readonly file: string;
  /** {@link hashOf} the source that was measured: the figures are of that text and of no later one. */
  readonly source: string;
  readonly date: string;
  readonly commit: string;
  readonly killed: number;
  readonly timeout: number;
  /** Every mutant that was not caught. Those that were are a number only, so that the file stays small. */
  readonly missed: readonly Mutant[];
}

/** A survivor that no test can or should kill, and why. `original` may end with `…`: the rest is not compared. */
export interface AcceptedSurvivor {
  readonly file: string;
  readonly mutator: string;
  readonly original: string;
  readonly replacement: string;
  readonly reason: string;
}

export interface Count {
  readonly killed: number;
  readonly survived: number;
  readonly uncovered: number;
  readonly timeout: number;
  /** Caught by a test or a time-out, of every hundred mutants; uncovered ones count as missed. */
  readonly score: number;
}

/** The parts of Stryker's JSON report (mutation-testing-report-schema 2) that are read here. */
export interface StrykerReport {
  readonly files: Readonly<
    Record<
      string,
      {
        readonly source: string;
        readonly mutants: readonly {
          readonly mutatorName: string;
          readonly replacement?: string;
          readonly status: string;
          readonly location: { readonly start: Place; readonly end: Place };
        }[];
      }
    >
  >;
}

interface Place {
  readonly line: number;
  readonly column: number;
}

const SHOWN_LENGTH = 100;

/** The mutants of one file of a report. A file without any has an empty list. */
export function mutantsOf(report: StrykerReport, path: string, file: string): Mutant[] {
  const reported = report.files[path];
  if (reported === undefined) return [];
  const lines = reported.source.split("\n");
  return reported.mutants
    .filter(({ status }) => status !== "Ignored")
    .map((mutant) => ({
      file,
      line: mutant.location.start.line,
      mutator: mutant.mutatorName,
      original: single(between(lines, mutant.location.start, mutant.location.end)),
      replacement: single(mutant.replacement ?? ""),
      status: statusOf(mutant.status),
    }));
}

/** What is kept of a file's mutants. Those that could not be loaded are in none of the figures. */
export function figuresOf(mutants: readonly Mutant[]): Pick<FileResult, "killed" | "timeout" | "missed"> {
  const of = (status: Mutant["status"]) => mutants.filter((mutant) => mutant.status === status);
  return {
    killed: of("Killed").length,
    timeout: of("Timeout").length,
    missed: mutants.filter(({ status }) => status === "Survived" || status === "NoCoverage"),
  };
}

export function count(results: readonly FileResult[]): Count {
  const sum = (of: (result: FileResult) => number) => results.reduce((all, each) => all + of(each), 0);
  const killed = sum((result) => result.killed);
  const timeout = sum((result) => result.timeout);
  const missed = results.flatMap((result) => result.missed);
  const uncovered = missed.filter(({ status }) => status === "NoCoverage").length;
  const all = killed + timeout + missed.length;
  return {
    killed,
    survived: missed.length - uncovered,
    uncovered,
    timeout,
    score: all === 0 ? 100 : ((killed + timeout) * 100) / all,
  };
}

export function hashOf(source: string): string {
  return createHash("sha256").update(source).digest("hex").slice(0, 16);
}

/**
 * Sorts the stored results by what they are worth today.
 *
 * @param sources the text of each file of guard and journal as it is now
 * @returns `current`, of the very text that stands there; `changed`, names of files whose figures are of an
 *   earlier text; `unmeasured`, names of files that no run has been over yet. Files that are gone are in none.
 */
export function judge(stored: readonly FileResult[], sources: ReadonlyMap<string, string>) {
  const hashes = new Map([...sources].map(([file, text]) => [file, hashOf(text)]));
  const known = new Set(stored.map(({ file }) => file));
  const kept = stored.filter(({ file }) => hashes.has(file));
  const isCurrent = ({ file, source }: FileResult) => hashes.get(file) === source;
  return {
    current: kept.filter(isCurrent),
    changed: kept.filter((result) => !isCurrent(result)).map(({ file }) => file),
    unmeasured: [...sources.keys()].filter((file) => !known.has(file)),
  };
}

/** One line for each file, sorted: results of two machines merge, and a diff shows what was measured anew. */
export function asLines(results: readonly FileResult[]): string {
  const sorted = [...results].sort((a, b) => (a.file < b.file ? -1 : 1));
  return sorted.map((result) => `${JSON.stringify(result)}\n`).join("");
}

export function fromLines(text: string): FileResult[] {
  return text
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line) as FileResult);
}

/**
 * Splits the mutants that were not caught into those that the list gives a reason for and the others, and names
 * the entries of the list, within the files that were measured, that match nothing any more.
 */
export function compare(results: readonly FileResult[], accepted: readonly AcceptedSurvivor[]) {
  const used = new Set<AcceptedSurvivor>();
  const listed: (Mutant & { readonly reason: string })[] = [];
  const unlisted: Mutant[] = [];
  for (const mutant of results.flatMap(({ missed }) => missed)) {
    const entry = accepted.find((candidate) => matches(candidate, mutant));
    if (entry === undefined) unlisted.push(mutant);
    else {
      used.add(entry);
      listed.push({ ...mutant, reason: entry.reason });
    }
  }
  const measured = new Set(results.map(({ file }) => file));
  const stale = accepted.filter((entry) => measured.has(entry.file) && !used.has(entry));
  return { listed, unlisted, stale };
}

/** An unlisted survivor as an entry of the list that waits for its reason. */
export function asEntry(mutant: Mutant): AcceptedSurvivor {
  const { file, mutator, original, replacement } = mutant;
  return { file, mutator, original: shortened(original), replacement: shortened(replacement), reason: "" };
}

function matches(entry: AcceptedSurvivor, mutant: Mutant): boolean {
  return (
    entry.reason !== "" &&
    entry.file === mutant.file &&
    entry.mutator === mutant.mutator &&
    sameText(entry.original, mutant.original) &&
    sameText(entry.replacement, mutant.replacement)
  );
}

function sameText(entry: string, text: string): boolean {
  return entry.endsWith("…") ? text.startsWith(entry.slice(0, -1)) : text === entry;
}

function shortened(text: string): string {
  return text.length > SHOWN_LENGTH ? `${text.slice(0, SHOWN_LENGTH)}…` : text;
}

/** A mutant with which the file could not be loaded says nothing about the tests, and is left out of the score. */
function statusOf(status: string): Mutant["status"] {
  switch (status) {
    case "Killed":
    case "Survived":
    case "NoCoverage":
    case "Timeout":
      return status;
    default:
      return "Error";
  }
}

function between(lines: readonly string[], start: Place, end: Place): string {
  const picked = lines.slice(start.line - 1, end.line);
  const last = picked.length - 1;
  return picked
    .map((line, index) => (index === last ? line.slice(0, end.column - 1) : line))
    .map((line, index) => (index === 0 ? line.slice(start.column - 1) : line))
    .join("\n");
}

function single(text: string): string {
  return text.replace(/\s+/g, " ").trim();
}
