/** The only file that knows the MCP library: a change of its major version is a change here. */
import { Server } from "@modelcontextprotocol/sdk/server/index.js";
import {
  CallToolRequestSchema,
  CancelledNotificationSchema,
  ErrorCode,
  JSONRPCMessageSchema,
  ListToolsRequestSchema,
  McpError,
} from "@modelcontextprotocol/sdk/types.js";
import { TradingError } from "trading-core/domain/errors";
import { type Envelope, failure, toolResult } from "./envelope.ts";
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
    if (server.getClientVersion() === undefined) return toolResult(failure(notInitialized()));
    const params: Record<string, unknown> = request.params ?? {};
    return toolResult(await options.call(params.name, params.arguments, signal));
  };

  transport.readable = isReadable;
  await server.connect(transport);
}

/** A cancel that the library cannot read cancels nothing; the transport must not believe it either. */
function isReadable(message: unknown): boolean {
  if (!JSONRPCMessageSchema.safeParse(message).success) return false;
  const { method } = message as { method?: unknown };
  if (method !== CancelledNotificationSchema.shape.method.value) return true;
  return CancelledNotificationSchema.safeParse(message).success;
}

/** Whoever has not read the instructions and the mode that come with `initialize` does not trade. */
function notInitialized(): TradingError {
  return new TradingError(
    "not_initialized",
    "The call came before initialize; nothing was done.",
    "Send initialize first, then call again.",
    { retryable: true },
  );
}
