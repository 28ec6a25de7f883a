import { readFileSync } from "node:fs";

/*
 * Names each survivor as soon as it is known: Stryker's own reporters tell them at the end of a run, which may
 * be hours away.
 */
class LiveReporter {
  onMutantTested({ fileName, location, mutatorName, replacement, status }) {
    if (status !== "Survived" && status !== "NoCoverage") return;
    const line = readFileSync(fileName, "utf8").split("\n")[location.start.line - 1]?.trim();
    const file = fileName.slice(fileName.lastIndexOf("/src/") + 5);
    process.stdout.write(
      `${status} ${file}:${location.start.line} ${mutatorName}: ${line}  =>  ${replacement}\n`,
    );
  }
}

export const strykerPlugins = [{ kind: "Reporter", name: "live", injectableClass: LiveReporter }];
