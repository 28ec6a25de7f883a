const THIS_MACHINE = new Set(["localhost", "127.0.0.1", "[::1]"]);

/** 127.0.0.0/8, ::1 and the name localhost, as the URL parser writes them. */
export function isLoopback(hostname: string): boolean {
  return THIS_MACHINE.has(hostname) || /^127\.\d{1,3}\.\d{1,3}\.\d{1,3}$/.test(hostname);
}
