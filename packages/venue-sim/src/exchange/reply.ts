/** What an endpoint answers; the server turns it into bytes. */
export interface Reply {
  status: number;
  body: string;
  /** Null leaves the content type out. */
  contentType: string | null;
  headers?: Record<string, string>;
}

export function json(value: unknown, status = 200, headers?: Record<string, string>): Reply {
  return {
    status,
    body: JSON.stringify(value),
    contentType: "application/json;charset=UTF-8",
    ...(headers === undefined ? {} : { headers }),
  };
}

export function html(title: string, status: number): Reply {
  return {
    status,
    body: `<html>\r\n<head><title>${title}</title></head>\r\n<body>\r\n<center><h1>${title}</h1></center>\r\n</body>\r\n</html>\r\n`,
    contentType: "text/html",
  };
}

export function empty(status: number, headers?: Record<string, string>): Reply {
  return { status, body: "", contentType: null, ...(headers === undefined ? {} : { headers }) };
}

/** A request that the exchange refuses; thrown by handlers, and answered as it is. */
export class Refusal extends Error {
  readonly reply: Reply;

  constructor(reply: Reply) {
    super(reply.body);
    this.name = "Refusal";
    this.reply = reply;
  }
}
