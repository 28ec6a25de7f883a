import process from "node:process";
import { type CallsOptions, createCalls, within } from "./calls.ts";
import { instructions } from "./instructions.ts";
import { writeStdout } from "./quiet-stdout.ts";
import { serveProtocol } from "./server.ts";
import { superviseStdio } from "./stdio-lifecycle.ts";
import { createStdioTransport } from "./stdio-transport.ts";
import { listedTools } from "./tools/catalog.ts";

/** `context.server` gives the name and version that clients are told. */
export interface ServerOptions extends CallsOptions {
  /** What clients show: "Interactive Brokers". */
  title: string;
  /** Whether an order is in flight: then, and only then, shutting down takes up to ten seconds. */
  busy(): boolean;
  /** Six of the ten seconds are gone: whatever an order still waits for is not waited for any more. */
  hurry(): void;
  /** Lets go of sockets, timers and files. Must not send anything that matters. */
  close(): Promise<void> | void;
}

const FLUSH_MS = 100;

/**
 * Serves the tools on stdin and stdout until the client is gone, then exits the process. It answers
 * `initialize` before any venue is contacted: `context.venue` is first called by a tool.
 */
export async function startServer(options: ServerOptions): Promise<void> {
  const { context, logger } = options;
  const calls = createCalls(options);
  const transport = createStdioTransport({ stdin: process.stdin, write: writeStdout, logger });
  superviseStdio({
    stdin: process.stdin,
    stdout: process.stdout,
    host: process,
    logger,
    working: () => calls.orders() > 0 || options.busy(),
    hurry: () => options.hurry(),
    async stop() {
      transport.stopReading();
      await calls.stop();
      await within(FLUSH_MS, flushed());
      await options.close();
    },
  });
  await serveProtocol(
    {
      name: context.server.name,
      title: options.title,
      version: context.server.version,
      instructions: instructions({
        venue: options.title,
        mode: context.server.mode,
        readOnly: context.server.readOnly,
      }),
      listed: listedTools(options.tools, context.server.readOnly),
      call: calls.run,
      onError: (error) => logger.warn({ err: error }, "protocol error"),
    },
    transport,
  );
}

/** Resolves when what was written to stdout has left the process. */
function flushed(): Promise<void> {
  if (process.stdout.writableLength === 0 || process.stdout.destroyed) return Promise.resolve();
  return new Promise((resolve) => process.stdout.once("drain", resolve));
}
