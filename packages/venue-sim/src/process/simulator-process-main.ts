/** A process that is nothing but the simulator; tests of this package start it. */
import { runSimulatorProcess } from "./simulator-process.ts";

await runSimulatorProcess(process.argv.slice(2));
