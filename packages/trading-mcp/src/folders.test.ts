import { expect, test } from "vitest";
import { configFolder, type Machine, stateFolder } from "./folders.ts";

function on(platform: NodeJS.Platform, env: Machine["env"] = {}): Machine {
  return { platform, env, home: "/home/ada" };
}

test("follows each platform's custom", () => {
  expect(configFolder(on("linux"))).toBe("/home/ada/.config/agent-trading");
  expect(stateFolder(on("linux"))).toBe("/home/ada/.local/state/agent-trading");
  expect(configFolder(on("darwin"))).toBe("/home/ada/Library/Application Support/agent-trading");
  expect(stateFolder(on("darwin"))).toBe("/home/ada/Library/Application Support/agent-trading");
  expect(stateFolder(on("win32", { LOCALAPPDATA: "/local" }))).toBe("/local/agent-trading");
  expect(configFolder(on("win32", { APPDATA: "/roaming" }))).toBe("/roaming/agent-trading");
});

test("a relative or blank XDG folder does not count: state must not move with the working directory", () => {
  expect(stateFolder(on("linux", { XDG_STATE_HOME: "/xdg" }))).toBe("/xdg/agent-trading");
  expect(stateFolder(on("linux", { XDG_STATE_HOME: "state" }))).toBe("/home/ada/.local/state/agent-trading");
  expect(configFolder(on("linux", { XDG_CONFIG_HOME: "" }))).toBe("/home/ada/.config/agent-trading");
});
