import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import type { Writer } from "../journal/record.ts";

/** A writer that ran in another process of this boot and was killed: its kernel lock went with it. */
export async function deadWriter(stateDir: string): Promise<Writer> {
  const child = spawn(
    process.execPath,
    [
      "-e",
      `const fs = require("node:fs");
       const { createRequire } = require("node:module");
       const { tryLock } = createRequire(process.argv[2])("fs-native-extensions");
       const writer = { pid: process.pid, started: Math.round(performance.timeOrigin) };
       const folder = process.argv[1] + "/journals/writers";
       fs.mkdirSync(folder, { recursive: true });
       tryLock(fs.openSync(folder + "/" + writer.pid + "-" + writer.started + ".lock", "a+"), 0, 1);
       console.log(JSON.stringify(writer));
       setInterval(() => {}, 1000);`,
      stateDir,
      import.meta.url,
    ],
    { stdio: ["ignore", "pipe", "inherit"] },
  );
  const gone = new Promise((resolve) => child.once("exit", resolve));
  const line = await new Promise<string>((resolve) =>
    child.stdout.once("data", (data) => resolve(String(data))),
  );
  child.kill("SIGKILL");
  await gone;
  const boot = readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim();
  return { ...(JSON.parse(line) as { pid: number; started: number }), boot };
}
