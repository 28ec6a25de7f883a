/** What an endpoint answers; the server turns it into bytes. */
export interface Reply {
  status: number;
  /** Ready to send; empty for no body. */
  body: string;
  /** Null leaves the content type out, as the venue sometimes does. */
  contentType: string | null;
  headers?: Record<string, string>;
  /** Upstream time the venue claims in `x-response-time`. */
  responseTime?: number;
}

const JSON_TYPE = "application/json; charset=utf-8";
const HTML_TYPE = "text/html";

export function json(value: unknown, status = 200): Reply {
  return { status, body: JSON.stringify(value), contentType: JSON_TYPE };
}

/** An error as the web layer words it since 2026: with its status inside. */
export function webError(status: number, error: string): Reply {
  return json({ error, statusCode: status }, status);
}

/** An error of the brokerage layer; very often with status 200. */
export function brokerError(error: string, status = 200): Reply {
  return json({ error }, status);
}

export function empty(status: number, responseTime?: number): Reply {
  return { status, body: "", contentType: null, ...(responseTime === undefined ? {} : { responseTime }) };
}

export function text(body: string): Reply {
  return { status: 200, body, contentType: "text/plain" };
}

export function html(body: string, status = 200): Reply {
  return { status, body, contentType: HTML_TYPE };
}

export function redirect(location: string): Reply {
  return { status: 302, body: "", contentType: null, headers: { location } };
}

export const notFound = (): Reply => html("<html><body><h1>Resource not found</h1></body></html>", 404);

export const accessDenied = (): Reply =>
  html(
    "<HTML><HEAD>\n<TITLE>Access Denied</TITLE>\n</HEAD><BODY>\n<H1>Access Denied</H1>\n</BODY></HTML>",
    403,
  );

export const loginPage = (): Reply =>
  html(
    '<!DOCTYPE html><html><head><title>Login</title></head><body><form id="loginform"></form></body></html>',
  );

export const noBridge = (): Reply => webError(400, "Bad Request: no bridge");

export const accountsFirst = (): Reply => webError(400, "Bad Request: Please query /accounts first");
