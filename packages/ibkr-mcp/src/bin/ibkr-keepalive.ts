import "trading-mcp/quiet-stdout";
import { main } from "../keepalive/main.ts";

await main(process.argv.slice(2));
