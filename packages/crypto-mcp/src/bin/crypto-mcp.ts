import "trading-mcp/quiet-stdout";
import { main } from "../main.ts";

await main(process.argv.slice(2));
