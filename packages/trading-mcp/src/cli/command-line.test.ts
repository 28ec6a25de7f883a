import { describe, expect, test } from "vitest";
import { helpText, type Program, parseCommandLine, UsageError } from "./command-line.ts";

const program: Program = {
  name: "ibkr-mcp",
  version: "1.2.3",
  summary: "trades stocks.",
  commands: { config: "Print the effective settings.", verify: "Check the journal." },
  flags: { json: { type: "boolean", description: "Answer as JSON." } },
};

const parse = (...argv: string[]) => parseCommandLine(program, argv);

test("no command means to serve", () => {
  expect(parse()).toEqual({ command: null, rest: [], flags: {} });
  expect(parse("--sim")).toMatchObject({ command: null, flags: { sim: true } });
});

test("a value comes after a blank or an equals sign", () => {
  expect(parse("--env-file", "/a.env").flags).toEqual({ "env-file": "/a.env" });
  expect(parse("--env-file=/a.env", "config", "x", "--json")).toEqual({
    command: "config",
    rest: ["x"],
    flags: { "env-file": "/a.env", json: true },
  });
});

describe("nothing is silently ignored", () => {
  test.each([
    [["--sims"], 'Unknown flag --sims. Did you mean "sim"?'],
    [["--envfile=/a"], 'Unknown flag --envfile. Did you mean "env-file"?'],
    [["--live"], "Unknown flag --live."],
    [["--sim=true"], "does not take an argument"],
    [["--env-file"], "argument missing"],
    [["-s"], "Unknown option '-s'"],
    [["confg"], 'Unknown command "confg". Did you mean "config"?'],
    [["toString"], 'Unknown command "toString".'],
    [["--toString"], "Unknown flag --toString."],
  ])("%j", (argv, message) => {
    expect(() => parse(...argv)).toThrow(UsageError);
    expect(() => parse(...argv)).toThrow(message);
  });
});

test("help lists every command and flag", () => {
  const help = helpText(program);
  for (const word of [
    "config",
    "verify",
    "--json",
    "--sim",
    "--env-file <path>",
    "--help",
    "--version",
    "1.2.3",
  ]) {
    expect(help).toContain(word);
  }
});
