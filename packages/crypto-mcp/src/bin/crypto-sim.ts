import { runSimulatorProcess } from "venue-sim";

await runSimulatorProcess(process.argv.slice(2));
