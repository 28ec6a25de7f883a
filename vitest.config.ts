import { defineConfig } from "vitest/config";
import type { Reporter } from "vitest/node";

/** The one line that scripts read: how many tests passed and failed. */
const plainSummary: Reporter = {
  onTestRunEnd(modules, unhandledErrors) {
    let passed = 0;
    let failed = unhandledErrors.length;
    let skipped = 0;
    for (const module of modules) {
      if (module.state() === "failed" && [...module.children.allTests()].length === 0) failed++;
      for (const test of module.children.allTests()) {
        const { state } = test.result();
        if (state === "passed") passed++;
        else if (state === "failed") failed++;
        else skipped++;
      }
    }
    process.stdout.write(
      `\n${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ""}\n`,
    );
  },
};

// Workspace packages resolve to their sources ("source" in their exports), so that a test sees an edit
// without a build. Tests of built servers are named *.e2e.test.ts; `pnpm test` builds before it runs them.
const conditions = ["source", "node", "import", "default"];

export default defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions } },
  test: {
    include: ["packages/*/src/**/*.test.ts", "scripts/**/*.test.ts"],
    exclude: ["**/dist/**", "**/node_modules/**"],
    // More than the two cores that they are made for: tests of built servers mostly wait, for pauses that are IBKR's.
    maxWorkers: 4,
    testTimeout: 20_000,
    reporters: ["default", plainSummary],
  },
});
