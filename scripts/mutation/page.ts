import { type AcceptedSurvivor, type Count, compare, count, type FileResult } from "./results.ts";

/** The table of a run for a terminal or a page, worst file first, with the sum in its last line. */
export function table(results: readonly FileResult[]): string {
  const rows = results
    .map((result) => ({ name: result.file, commit: result.commit, sum: count([result]) }))
    .filter(({ sum }) => sum.killed + sum.survived + sum.uncovered + sum.timeout > 0)
    .sort((a, b) => a.sum.score - b.sum.score || (a.name < b.name ? -1 : 1));
  const all = count(results);
  return [
    "| File | Killed | Survived | Uncovered | Timeout | Score | Commit |",
    "|---|---|---|---|---|---|---|",
    ...rows.map(({ name, commit, sum }) => line(name, sum, commit)),
    line("**all**", all, ""),
  ].join("\n");
}

/**
 * `docs/mutation.md`: what was measured, when, and every mutant that was let live, with the reason.
 *
 * @param results of the sources as they are; what was measured of an earlier text is only named
 * @param changed files whose text is not the one that was measured
 * @param unmeasured files of guard and journal that no run has been over yet
 */
export function page(
  results: readonly FileResult[],
  accepted: readonly AcceptedSurvivor[],
  { changed, unmeasured }: { readonly changed: readonly string[]; readonly unmeasured: readonly string[] },
): string {
  const all = count(results);
  const { listed, unlisted } = compare(results, accepted);
  const dates = results.map(({ date }) => date).sort();
  const days = [...new Set([dates.at(0), dates.at(-1)])].join(" to ");
  return `# Mutation testing

Stryker changes the guard and the journal in one place at a time and runs the core's own tests on each change. A change that no test notices is a guard that nobody would miss. The score counts every mutant, those that no test reaches included; time-outs are caught mutants.

\`\`\`
node scripts/dist/mutation.js                 # of guard/ and journal/, what the stored figures do not cover
node scripts/dist/mutation.js guard/rules     # the same of a folder or a file of packages/trading-core/src
node scripts/dist/mutation.js --fresh         # everything again
node scripts/dist/mutation.js --report        # measure nothing, judge what is stored
\`\`\`

It runs on a copy below \`reports/\` and never on the working tree. As soon as it is done with a file it adds the figures to \`scripts/mutation/measured.jsonl\`, which is committed with this page: a run that was cut off, or one on another machine, goes on from there. Measured are files that have no figures, files whose text is not the one that was measured, whose old figures count for nothing, and files with a survivor that has no reason yet. Figures say nothing of tests that were taken out since; \`--fresh\` does. A run ends non-zero when less than 90 % is caught, or when a mutant lives that \`scripts/mutation/survivors.json\` gives no reason for. Tests of built programs do not see a mutant, and of the other packages' tests none runs: the core has to hold by its own.

Measured ${days}: **${all.score.toFixed(1)} %** of ${all.killed + all.survived + all.uncovered + all.timeout} mutants caught. ${withoutReason(unlisted.length)}
${outside(changed, unmeasured)}
${table(results)}

## Survivors

${survivors(listed)}
`;
}

function outside(changed: readonly string[], unmeasured: readonly string[]): string {
  if (changed.length + unmeasured.length === 0) return "";
  const named = (what: string, files: readonly string[]) =>
    files.length === 0 ? "" : `\n${what} (${files.length}): ${files.join(", ")}.\n`;
  return `\nThe score is of the files below alone.\n${named("Changed since measured", changed)}${named("Not measured yet", unmeasured)}`;
}

function withoutReason(number: number): string {
  if (number === 0) return "Every survivor is listed below.";
  return number === 1 ? "1 survivor has no reason yet." : `${number} survivors have no reason yet.`;
}

function survivors(
  listed: readonly { file: string; original: string; replacement: string; reason: string }[],
) {
  if (listed.length === 0) return "None.";
  const byReason = new Map<string, string[]>();
  for (const { file, original, replacement, reason } of listed) {
    const places = byReason.get(reason) ?? [];
    const text = `${file}: ${code(original)} → ${code(replacement)}`;
    byReason.set(reason, places.includes(text) ? places : [...places, text]);
  }
  return [...byReason]
    .map(([reason, places]) => `${reason}\n${places.map((place) => `- ${place}`).join("\n")}`)
    .join("\n\n");
}

function code(text: string): string {
  const short = text.length > 70 ? `${text.slice(0, 70)}…` : text;
  return short === "" ? "nothing" : `\`\` ${short} \`\``;
}

function line(name: string, sum: Count, commit: string): string {
  const { killed, survived, uncovered, timeout, score } = sum;
  return `| ${name} | ${killed} | ${survived} | ${uncovered} | ${timeout} | ${score.toFixed(1)} | ${commit} |`;
}
