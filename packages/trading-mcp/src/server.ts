/** The only file that knows the MCP library: a change of its major version is a change here. */
import { Server } from "@modelcontextprotocol/sdk/server/index.js";
import {
  CallToolRequestSchema,
  ErrorCode,
  ListToolsRequestSchema,
  McpError,
} from "@modelcontextprotocol/sdk/types.js";
import { type Envelope, toolResult } from "./envelope.ts";
import type { StdioTransport } from "./stdio-transport.ts";
import { listTool, type Tool } from "./tools/define-tool.ts";

export interface ProtocolOptions {
  name: string;
  title: string;
  version: string;
  instructions: string;
  /** What tools/list shows, in this order. */
  listed: readonly Tool[];
  /** Runs a call of any tool, listed or not. Never throws. The signal tells that the client gave up on it. */
  call(name: unknown, args: unknown, signal: AbortSignal): Promise<Envelope>;
  onError(error: Error): void;
}

/** Serves the protocol over the transport until that closes. */
export async function serveProtocol(options: ProtocolOptions, transport: StdioTransport): Promise<void> {
  const server = new Server(
    { name: options.name, title: options.title, version: options.version },
    { capabilities: { tools: {} }, instructions: options.instructions },
  );
  server.onerror = (error) => options.onError(error);

  let tools: ReturnType<typeof listTool>[] | null = null;
  server.setRequestHandler(ListToolsRequestSchema, () => {
    tools ??= options.listed.map(listTool);
    return { tools };
  });

  // Calls come in by the fallback, which hands requests over unread: the library's own reading answers
  // arguments that are no object with a protocol error full of schema talk, and a model cannot act on it.
  server.fallbackRequestHandler = async (request, { signal }) => {
    if (request.method !== CallToolRequestSchema.shape.method.value) {
      throw new McpError(ErrorCode.MethodNotFound, "Method not found");
    }
    const params: Record<string, unknown> = request.params ?? {};
    return toolResult(await options.call(params.name, params.arguments, signal));
  };

  await server.connect(transport);
}
