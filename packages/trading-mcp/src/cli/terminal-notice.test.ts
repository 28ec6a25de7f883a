import { expect, test } from "vitest";
import { terminalNotice } from "./terminal-notice.ts";

test("shows a command that can be copied, quoted where it must be", () => {
  const notice = terminalNotice({ name: "ibkr", command: ["node", "/my folder/it's.mjs", "--sim"] });
  expect(notice).toContain(`claude mcp add ibkr -- node '/my folder/it'\\''s.mjs' --sim`);
});
