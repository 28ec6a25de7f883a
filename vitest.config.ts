import { defineConfig } from "vitest/config";

// Workspace packages resolve to their sources ("source" in their exports), so that a test sees an
// edit without a build; tests of the built servers live in *.e2e.test.ts and use dist/.
export default defineConfig({
  resolve: { conditions: ["source", "node", "import", "default"] },
  ssr: { resolve: { conditions: ["source", "node", "import", "default"] } },
  test: {
    include: ["packages/*/src/**/*.test.ts", "scripts/**/*.test.ts"],
    exclude: ["**/dist/**", "**/node_modules/**"],
    maxWorkers: 2,
  },
});
