import { beforeAll, describe, expect, test } from "vitest";
import { allEndpoints } from "../ibkr-gateway/routes.ts";
import { compare, createLedger } from "./comparison.ts";
import { DEVIATIONS, EXAMPLE_KEYS, UNDESCRIBED_STATUSES } from "./deviations.ts";
import { isDescribed, type OpenApiDocument } from "./open-api.ts";
import type { RecordedAnswer } from "./recorder.ts";
import { recordScenario } from "./scenario.ts";
import { absenceNote, readSharedFact } from "./shared-facts.ts";

/** Real, although the schema leaves them out. */
const UNDESCRIBED: Record<string, string> = {
  "GET /iserver/auth/status": "described as POST; recorded with GET too",
  "GET /tickle": "described as POST; recorded with GET too",
  "POST /iserver/reauthenticate": "deprecated",
  "GET /portfolio/subaccounts2": "measured on a paper account",
  "GET /portfolio/{accountId}/combo/positions": "measured on a paper account",
  "GET /portfolio2/{accountId}/positions": "the uncached positions, recorded",
};

const document = readSharedFact("ibkr-openapi.json") as OpenApiDocument | null;
const note = absenceNote(document, "IBKR's published schema");

describe.skipIf(document === null)(`answers walked along IBKR's published schema${note}`, () => {
  const schema = document ?? { paths: {} };
  const ledger = createLedger(DEVIATIONS);
  const undescribedStatuses = UNDESCRIBED_STATUSES.flatMap(({ answers }) => answers);
  const seenStatuses = new Set<string>();
  const seenMaps = new Set<string>();
  const seenKeys = new Set<string>();
  let answers: RecordedAnswer[] = [];

  beforeAll(async () => {
    answers = await recordScenario();
  });

  test("the schema describes every endpoint but the ones listed here", () => {
    const missing = allEndpoints().filter((endpoint) => !isDescribed(schema, endpoint));
    expect(missing.sort()).toEqual(Object.keys(UNDESCRIBED).sort());
  });

  test.each(allEndpoints().filter((endpoint) => isDescribed(schema, endpoint)))("%s", (endpoint) => {
    const own = answers.filter((answer) => answer.endpoint === endpoint);
    expect(own.length, "answers in the scenario").toBeGreaterThan(0);
    const problems = own.flatMap((answer) => {
      const { isDescribed: described, differences, keys } = compare(schema, answer, mapsOf(answer));
      if (!described) return undescribedStatus(answer);
      for (const key of keys) seenKeys.add(`${endpoint} ${key}`);
      return differences
        .filter((difference) => !ledger.excuses(answer, difference))
        .map(({ kind, path, detail }) => `${answer.request} ${answer.status}: ${kind} ${path}: ${detail}`);
    });
    expect([...new Set(problems)]).toEqual([]);
  });

  test("the lists of deviations hold nothing that does not occur", () => {
    const unusedMaps = EXAMPLE_KEYS.map(mapName).filter((name) => !seenMaps.has(name));
    const unusedStatuses = undescribedStatuses.filter((status) => !seenStatuses.has(status));
    expect([...ledger.unused(), ...unusedMaps, ...unusedStatuses]).toEqual([]);
  });

  // A walker that silently stopped at the first level would pass everything above.
  test("the walk reached the keys", () => expect(seenKeys.size).toBeGreaterThan(1_000));

  function mapsOf({ endpoint }: RecordedAnswer): (path: string) => boolean {
    return (path) => {
      const found = EXAMPLE_KEYS.some((entry) => entry.endpoint === endpoint && entry.path === path);
      if (found) seenMaps.add(mapName({ endpoint, path }));
      return found;
    };
  }

  function undescribedStatus({ endpoint, status, request }: RecordedAnswer): string[] {
    const name = `${endpoint} ${status}`;
    seenStatuses.add(name);
    // A success that is not described has nothing to be held against.
    return undescribedStatuses.includes(name) ? [] : [`${request} ${status}: the status is not described`];
  }
});

function mapName({ endpoint, path }: { endpoint: string; path: string }): string {
  return `${endpoint} ${path} as a map`;
}
