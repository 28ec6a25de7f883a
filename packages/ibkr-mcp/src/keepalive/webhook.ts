import { untrustedText } from "trading-core/domain/untrusted-text";

/** What became of one message. The address is a secret, and is in neither. */
export type Delivery = { ok: true } | { ok: false; reason: string; nextStep: string };

export interface WebhookRequest {
  headers: Record<string, string>;
  body: string;
}

const TIMEOUT_MS = 10_000;
const TITLE = "IBKR session";
/** Discord takes 2000 characters; nothing of ours is near. */
const MOST_CHARACTERS = 1_500;
const MOST_OF_AN_ANSWER = 2_000;

/**
 * The request in the words that the service behind the address reads. Discord shows `content` and refuses a
 * message without it, Slack shows `text`, and ntfy shows the body as it is. What is not known gets both fields.
 *
 * @param url Discord's compatible paths (`/slack`, `/github`) are somebody else's format
 */
export function webhookRequest(url: URL, message: string): WebhookRequest {
  const text = message.slice(0, MOST_CHARACTERS);
  const host = url.hostname.toLowerCase();
  if (host === "ntfy.sh" || host.startsWith("ntfy.")) {
    return { headers: { "content-type": "text/plain; charset=utf-8", title: TITLE }, body: text };
  }
  const slack = host === "hooks.slack.com" || /\/slack\/?$/.test(url.pathname);
  const fields = slack
    ? { text: slackText(text) }
    : isDiscord(host)
      ? { content: text, allowed_mentions: { parse: [] } }
      : { text, content: text };
  return { headers: { "content-type": "application/json" }, body: JSON.stringify(fields) };
}

function isDiscord(host: string): boolean {
  return /(?:^|\.)discord(?:app)?\.com$/.test(host);
}

/** Slack reads these three as the beginnings of links and mentions. */
function slackText(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}

/** Sends one message, once, within 10 s, without following redirects. Never throws. */
export async function postWebhook(url: URL, message: string, signal?: AbortSignal): Promise<Delivery> {
  const { headers, body } = webhookRequest(url, message);
  const bound = AbortSignal.timeout(TIMEOUT_MS);
  try {
    const answer = await fetch(url, {
      method: "POST",
      headers,
      body,
      redirect: "manual",
      signal: signal ? AbortSignal.any([bound, signal]) : bound,
    });
    return judge(answer.status, await beginningOf(answer));
  } catch (error) {
    // Serves neither: the session is kept alive whether or not somebody can be told of it.
    return failed(`it could not be reached (${wordFor(error)})`, REACH);
  }
}

const REACH = "Check this machine's network and the host in REAUTH_WEBHOOK_URL.";
const ADDRESS = "Copy the address into REAUTH_WEBHOOK_URL again from the service that made it.";
const FORMAT =
  "REAUTH_WEBHOOK_URL takes a webhook of Discord or Slack, a topic of ntfy, or anything that reads JSON with `text` or `content`.";

/** Texts by which services say under a status of success that nothing was shown to anybody. */
const REFUSALS = /\b(?:no_text|no_service|no_team|invalid_payload|channel_not_found|channel_is_archived)\b/;

function judge(status: number, text: string): Delivery {
  const said = text === "" ? "" : `: ${untrustedText(text, 120)}`;
  if (status >= 200 && status < 300) {
    return REFUSALS.test(text)
      ? failed(`it answered HTTP ${status} but showed nothing${said}`, FORMAT)
      : { ok: true };
  }
  if (status >= 300 && status < 400)
    return failed(`it redirects (HTTP ${status}) to another address`, ADDRESS);
  if ([401, 403, 404, 410].includes(status)) return failed(`it answered HTTP ${status}${said}`, ADDRESS);
  if (status === 429 || status >= 500)
    return failed(`it answered HTTP ${status}${said}`, "It is tried again.");
  return failed(`it answered HTTP ${status}${said}`, FORMAT);
}

function failed(reason: string, nextStep: string): Delivery {
  return { ok: false, reason: `The webhook was not delivered: ${reason}.`, nextStep };
}

/** The code alone: a message may quote the address. */
function wordFor(error: unknown): string {
  const { name, cause } = error as { name?: unknown; cause?: { code?: unknown } };
  if (name === "TimeoutError") return "no answer within 10 s";
  return typeof cause?.code === "string" ? cause.code : "no connection";
}

/** Bounded, because the other end is not ours. */
async function beginningOf(answer: Response): Promise<string> {
  let text = "";
  const decoder = new TextDecoder();
  for await (const chunk of answer.body ?? []) {
    text += decoder.decode(chunk as Uint8Array, { stream: true });
    if (text.length >= MOST_OF_AN_ANSWER) break;
  }
  return text.slice(0, MOST_OF_AN_ANSWER).trim();
}
