import { readFileSync } from "node:fs";

/*
 * Names each survivor as soon as it is known, and sends each file's mutants to the parent as soon as all of them
 * are: Stryker's own reporters tell at the end of a run, which may be hours away or never come.
 */
class LiveReporter {
  #open = new Map();

  onMutationTestingPlanReady({ mutantPlans }) {
    for (const { mutant } of mutantPlans) {
      const file = this.#open.get(mutant.fileName) ?? { left: 0, mutants: [] };
      file.left += 1;
      this.#open.set(mutant.fileName, file);
    }
  }

  onMutantTested({ fileName, location, mutatorName, replacement, status }) {
    const source = readFileSync(fileName, "utf8");
    const name = fileName.slice(fileName.lastIndexOf("/src/") + 5);
    // A time-out counts as caught, and may be a busy machine: whoever reads along can tell.
    if (["Survived", "NoCoverage", "Timeout"].includes(status)) {
      const line = source.split("\n")[location.start.line - 1]?.trim();
      process.stdout.write(
        `${status} ${name}:${location.start.line} ${mutatorName}: ${line}  =>  ${replacement}\n`,
      );
    }
    const file = this.#open.get(fileName);
    if (file === undefined) return;
    file.mutants.push({ location, mutatorName, replacement, status });
    file.left -= 1;
    if (file.left === 0) process.send?.({ file: name, source, mutants: file.mutants });
  }
}

export const strykerPlugins = [{ kind: "Reporter", name: "live", injectableClass: LiveReporter }];
