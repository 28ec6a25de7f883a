import "trading-mcp/quiet-stdout";
import { main } from "../healthcheck/main.ts";

await main(process.argv.slice(2));
