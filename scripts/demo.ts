import { join } from "node:path";
import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { StdioClientTransport } from "@modelcontextprotocol/sdk/client/stdio.js";
import { createStory, type Story } from "./story.ts";

/**
 * Drives the built servers as an agent's client would, over stdio, on simulated venues: looks, buys, protects,
 * is refused, and closes, with the same script for stocks and for crypto. Ends non-zero when any step is not as
 * it should be. The accounts live in a folder of their own, so that a second run goes on where the first ended.
 */
const root = new URL("../../", import.meta.url).pathname;
const stateDir = process.env.DEMO_STATE_DIR ?? join(root, ".demo");

type Data = Record<string, unknown>;

/** What differs between the servers; the script does not. */
interface Stage {
  server: string;
  launcher: string;
  symbol: string;
  /** What a quantity is in. */
  unit: string;
  /** The least step of a quantity, in decimals; what is below it cannot be sold. */
  decimals: number;
  /** What the venue keeps of a purchase as its fee, in what was bought. */
  fee: number;
  /** In front of amounts of money. */
  money: string;
  /** What is worth knowing about the stop. */
  protected: string;
  end: string;
}

const STAGES: Stage[] = [
  {
    server: "ibkr",
    launcher: "packages/ibkr-mcp/bin/ibkr-mcp.mjs",
    symbol: "AAPL",
    unit: "shares",
    decimals: 4,
    fee: 0,
    protected: "the venue's positions still lag; the guard knows the fill from the order itself",
    money: "$",
    end: "Everything above really happened: one server, one journal, one simulated gateway over HTTPS.",
  },
  {
    server: "crypto",
    launcher: "packages/crypto-mcp/bin/crypto-mcp.mjs",
    symbol: "BTC",
    unit: "BTC",
    decimals: 5,
    fee: 0.001,
    protected: "the exchange took its fee in BTC: the guard would refuse to protect more than is left",
    money: "USDT ",
    end: "The same script, word for word, on a simulated Binance: another server, another journal, the same rules.",
  },
];

const story = createStory(process.stdout);
for (const stage of STAGES) {
  const client = new Client({ name: "demo", version: "1.0.0" });
  const transport = new StdioClientTransport({
    command: process.execPath,
    args: [join(root, stage.launcher), "--sim"],
    env: { ...inherited(), TRADING_STATE_DIR: stateDir, MAX_ORDER_VALUE: "100", MAX_DAILY_VALUE: "1000" },
    stderr: "ignore",
  });
  try {
    await client.connect(transport);
    await tell(story, client, stage);
    story.end(stage.end);
  } catch (error) {
    story.fail(error instanceof Error ? error.message : String(error));
    process.exitCode = 1;
    break;
  } finally {
    await client.close();
  }
}
if (process.exitCode === undefined) story.folder(stateDir);

async function tell(story: Story, client: Client, stage: Stage): Promise<void> {
  const { server, symbol, unit, money } = stage;
  const call = (name: string, args: Data) => dataOf(client, name, args);
  const limit = (posture: Data, name: string) => `${money}${text((posture.limits as Data)[name])}`;
  const { tools } = await client.listTools();
  story.begin(`An agent starts the ${server} server over stdio and finds ${tools.length} tools.`);

  story.step("Where do I stand?", "session_status");
  const posture = await call("session_status", {});
  expect(posture.can_trade === true, "session_status should say that trading is possible", posture);
  story.facts({
    account: `${text(posture.account_id)} (${text(posture.account_type)}, ${text(posture.mode)})`,
    session: text((posture.session as Data).state),
    limits: `${limit(posture, "max_order_value")} an order, ${limit(posture, "max_daily_value")} a day, ${limit(posture, "remaining_today")} left today`,
  });

  story.step(`What does ${symbol} cost?`, `get_quote ${symbol}`);
  const quote = await call("get_quote", { symbol });
  expect(quote.bid !== null && quote.ask !== null, "the quote should have a bid and an ask", quote);
  story.facts({
    last: text(quote.last),
    "bid / ask": `${text(quote.bid)} / ${text(quote.ask)}`,
    age: `${text(quote.age_seconds)} s`,
  });

  story.step(`What would ${money}50 of it mean?`, `preview_order ${symbol} BUY cash_amount=50`);
  const preview = await call("preview_order", { symbol, side: "BUY", cash_amount: 50 });
  expect(preview.allowed === true, "the guard should allow the order", preview);
  story.facts({
    guard: `${(preview.checks as Data[]).filter((check) => check.verdict === "pass").length} checks pass, none refuses`,
    venue: previewLine(preview.venue as Data | null, money),
  });

  story.step("Buy it.", `buy ${symbol} cash_amount=50`);
  const bought = await call("buy", { symbol, cash_amount: 50 });
  expect(typeof bought.order_id === "string", "the venue should give the order an id", bought);
  story.facts({
    order: `${text(bought.order_id)} ${text(bought.status)}`,
    "our id": `${text(bought.client_order_id)}, journal record ${text(bought.journal_seq)}`,
    questions: questionsLine((bought.questions as Data[] | undefined) ?? []),
  });

  story.step("Is it filled?", "wait_for_fill");
  const filled = await call("wait_for_fill", { order_id: bought.order_id, timeout_seconds: 30 });
  expect(filled.status === "filled", "the order should be filled", filled);
  const steps = 10 ** stage.decimals;
  const own = Number(filled.filled_quantity) * (1 - stage.fee);
  const quantity = stage.fee === 0 ? text(filled.filled_quantity) : String(Math.floor(own * steps) / steps);
  story.facts({ filled: `${text(filled.filled_quantity)} ${unit} at ${text(filled.average_price)}` });

  story.step("Protect it.", "stop_order SELL, 5 % below the market, good until cancelled");
  const stop = await call("stop_order", {
    symbol,
    side: "SELL",
    quantity,
    stop_price: (Number(quote.bid) * 0.95).toFixed(2),
  });
  expect(typeof stop.order_id === "string", "the stop should be taken", stop);
  story.facts({
    stop: `${text(stop.order_id)} ${text(stop.status)}: ${quantity} at ${text(stop.stop_price)} ${text(stop.time_in_force)}`,
    note: stage.protected,
  });

  story.step(
    `Now something foolish: ${money}5,000, fifty times the limit.`,
    `buy ${symbol} cash_amount=5000`,
  );
  const refused = await refusal(client, "buy", { symbol, cash_amount: 5000 });
  const checks = (refused.checks as Data[] | undefined) ?? [];
  expect(checks.length > 0, "the refusal should name the checks that failed", refused);
  for (const check of checks) story.refusal(text(check.rule), text(check.message));
  story.facts({ next: text(refused.next_step) });

  story.step("Close the position; the stop that holds it is cancelled first.", `close_position ${symbol}`);
  const closed = await call("close_position", { symbol });
  const sale = closed.order as Data | null;
  expect(sale !== null && typeof sale.order_id === "string", "the position should be sold", closed);
  const sold = await call("wait_for_fill", { order_id: (sale as Data).order_id, timeout_seconds: 30 });
  expect(sold.status === "filled", "the sale should be filled", sold);
  const left = await call("positions", {});
  const rest = (left.positions as Data[]).find((position) => position.symbol === bought.symbol);
  const dust = rest === undefined ? 0 : Number(rest.quantity);
  expect(dust * steps < 1, `nothing of ${symbol} that could be sold should be left`, left);
  story.facts({
    cancelled: (closed.cancelled as string[]).join(", ") || "nothing",
    sold: `${text(sold.filled_quantity)} ${unit} at ${text(sold.average_price)}`,
    left: rest === undefined ? `no ${symbol}` : `${text(rest.quantity)} ${unit}, too little to be an order`,
  });

  story.step("What did I do?", "trade_history limit=20");
  const history = await call("trade_history", { limit: 20 });
  const records = history.records as Data[];
  expect(
    records.some((record) => record.kind === "refusal"),
    "the refusal should be in the history",
    history,
  );
  for (const record of records.slice(-16)) story.record(record, money);
}

async function dataOf(client: Client, name: string, args: Data): Promise<Data> {
  const envelope = await envelopeOf(client, name, args);
  if (envelope.ok !== true) {
    throw new Error(`${name} failed: ${JSON.stringify(envelope.error)}`);
  }
  return envelope.data as Data;
}

async function refusal(client: Client, name: string, args: Data): Promise<Data> {
  const envelope = await envelopeOf(client, name, args);
  if (envelope.ok !== false) throw new Error(`${name} should have been refused: ${JSON.stringify(envelope)}`);
  return envelope.error as Data;
}

async function envelopeOf(client: Client, name: string, args: Data): Promise<Data> {
  const result = await client.callTool({ name, arguments: args }, undefined, { timeout: 60_000 });
  return result.structuredContent as Data;
}

function expect(condition: boolean, what: string, seen: unknown): asserts condition {
  if (!condition) throw new Error(`${what}; seen: ${JSON.stringify(seen)}`);
}

function text(value: unknown): string {
  if (value === null || value === undefined) return "unknown";
  return typeof value === "string" ? value : JSON.stringify(value);
}

function questionsLine(questions: Data[]): string {
  if (questions.length === 0) return "none from the venue";
  return `${questions.length} from the venue, each answered from an allow-list`;
}

function previewLine(venue: Data | null, money: string): string {
  if (venue === null) return "no estimate";
  return `about ${money}${text(venue.amount)}, commission ${money}${text(venue.commission)}`;
}

/** What a child needs to run, and nothing of the caller's secrets. */
function inherited(): Record<string, string> {
  const kept: Record<string, string> = {};
  for (const name of ["PATH", "HOME", "TMPDIR", "SystemRoot", "LOCALAPPDATA", "USERPROFILE"]) {
    const value = process.env[name];
    if (value !== undefined) kept[name] = value;
  }
  return kept;
}
