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

/** One file's mutants, with the day and the commit at which they were tried. */
export interface FileResult {
  readonly file: string;
  readonly date: string;
  readonly commit: string;
  readonly mutants: readonly Mutant[];
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

export function count(mutants: readonly Mutant[]): Count {
  const of = (status: Mutant["status"]) => mutants.filter((mutant) => mutant.status === status).length;
  const killed = of("Killed");
  const timeout = of("Timeout");
  const all = mutants.length - of("Error");
  return {
    killed,
    survived: of("Survived"),
    uncovered: of("NoCoverage"),
    timeout,
    score: all === 0 ? 100 : ((killed + timeout) * 100) / all,
  };
}

export function missed(mutants: readonly Mutant[]): Mutant[] {
  return mutants.filter(({ status }) => status === "Survived" || status === "NoCoverage");
}

/**
 * Splits the mutants that were not caught into those that the list gives a reason for and the others, and names
 * the entries of the list, within the files that were measured, that match nothing any more.
 */
export function compare(results: readonly FileResult[], accepted: readonly AcceptedSurvivor[]) {
  const used = new Set<AcceptedSurvivor>();
  const listed: (Mutant & { readonly reason: string })[] = [];
  const unlisted: Mutant[] = [];
  for (const mutant of missed(results.flatMap(({ mutants }) => mutants))) {
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
