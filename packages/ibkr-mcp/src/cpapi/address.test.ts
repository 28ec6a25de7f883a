import { expect, test } from "vitest";
import { gatewayAddress, isLoopback } from "./address.ts";

test.each([
  ["https://localhost:5000", "https://localhost:5000", "/v1/api", "localhost-5000"],
  ["https://127.0.0.1:5000/v1/api/", "https://127.0.0.1:5000", "/v1/api", "localhost-5000"],
  ["https://[::1]:5000/v1/api", "https://[::1]:5000", "/v1/api", "localhost-5000"],
  ["https://127.1:5055", "https://127.0.0.1:5055", "/v1/api", "localhost-5055"],
  ["https://gw.example.com/v1/portal", "https://gw.example.com", "/v1/portal", "gw.example.com-443"],
])(
  "%s is read once for all its spellings, so that processes share one folder",
  (url, origin, prefix, folder) => {
    expect(gatewayAddress(url)).toMatchObject({ origin, prefix, folder });
  },
);

test("loopback is what cannot leave this machine, whatever it looks like", () => {
  for (const host of ["localhost", "127.0.0.1", "127.200.3.4", "[::1]"]) expect(isLoopback(host)).toBe(true);
  for (const host of [
    "localhost.evil.com",
    "127.0.0.1.evil.com",
    "10.0.0.1",
    "0.0.0.0",
    "[::2]",
    "localhos",
  ]) {
    expect(isLoopback(host)).toBe(false);
  }
});

test.each([
  "",
  "localhost:5000",
  "ftp://localhost",
  "http://10.0.0.1:5000",
  "https://a:b@localhost",
  "https://localhost/?x=1",
])("%j is refused with the key to set", (url) => {
  expect(() => gatewayAddress(url)).toThrow(/base URL/);
});
