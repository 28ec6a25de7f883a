import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { endpointName } from "../ibkr-gateway/routes.ts";
import { type SimulatedGateway, startSimulatedGateway } from "../simulated-gateway.ts";
import { createTestClient, type TestClient } from "../test-client.ts";
import { absenceNote, readSharedFact } from "./shared-facts.ts";
import {
  ANSWERED_WITHOUT_ENDPOINT,
  CASES_NOT_SIMULATED,
  endpointOf,
  NOT_SIMULATED,
  nameOf,
  STATUS_DEVIATIONS,
  type StatusCase,
} from "./status-cases.ts";

const ACCOUNT = "DU1234567";
const ORDER = { conid: 756733, side: "BUY", quantity: 1, orderType: "LMT", price: 1, tif: "GTC" };
const MOST_QUESTIONS = 6;

const matrix = readSharedFact("ibkr-status-matrix.json") as { cases: StatusCase[] } | null;
const note = absenceNote(matrix, "the table of measured statuses");
const cases = matrix?.cases ?? [];
const absent = cases.filter((item) => absentEndpoint(item) !== null && !isAnsweredAnyway(item));
const runnable = cases.filter((item) => !absent.includes(item) && !(nameOf(item) in CASES_NOT_SIMULATED));

/** The entry of the not simulated endpoints that a case belongs to. */
function absentEndpoint(item: StatusCase): string | null {
  const parts = endpointOf(item).split("/");
  const names = NOT_SIMULATED.flatMap(({ endpoints }) => Object.keys(endpoints));
  const fits = (pattern: string) => {
    const wanted = pattern.split("/");
    return wanted.length === parts.length && wanted.every((part, i) => part === parts[i] || part[0] === "{");
  };
  // A fixed path wins over one with parameters.
  return names.find((name) => name === endpointOf(item)) ?? names.find(fits) ?? null;
}

function isAnsweredAnyway(item: StatusCase): boolean {
  return nameOf(item) in ANSWERED_WITHOUT_ENDPOINT;
}

function isServed(item: StatusCase): boolean {
  const [method = "", path = ""] = endpointOf(item).split(" /");
  return endpointName(method, path) !== null;
}

describe.skipIf(matrix === null)(`statuses that a paper account was answered${note}`, () => {
  let gateway: SimulatedGateway;
  let client: TestClient;

  beforeAll(async () => {
    gateway = await startSimulatedGateway({ pacing: false });
    client = createTestClient(gateway);
  });

  afterAll(async () => {
    await client.close();
    await gateway.close();
  });

  /** An account with a holding, fresh apart from that, and everything read that has to be read first. */
  beforeEach(async () => {
    gateway.control.reset();
    gateway.control.setPosition("SPY", 44);
    await client.get("iserver/accounts");
    await client.get("portfolio/accounts");
  });

  async function workingOrder(): Promise<string> {
    let answer = await client.post(`iserver/account/${ACCOUNT}/orders`, { orders: [ORDER] });
    for (let asked = 0; asked < MOST_QUESTIONS && answer.json[0].id !== undefined; asked += 1) {
      answer = await client.post(`iserver/reply/${answer.json[0].id}`, { confirmed: true });
    }
    return answer.json[0].order_id;
  }

  async function filledIn(text: string): Promise<string> {
    const filled = text.replaceAll("{accountId}", ACCOUNT);
    return filled.includes("{orderId}") ? filled.replaceAll("{orderId}", await workingOrder()) : filled;
  }

  test.each(runnable.map((item) => ({ ...item, name: nameOf(item) })))("$name", async (item) => {
    const path = await filledIn(item.path);
    expect(path, "placeholders that the test knows").not.toMatch(/[{}]/);
    const body = item.body === null ? undefined : await filledIn(item.body);
    const { status, text } = await client.raw(item.method, path, body === undefined ? {} : { body });
    const deviation = STATUS_DEVIATIONS[item.name];
    // A deviation that says nothing new has to go.
    expect(deviation?.simulated, deviation?.why).not.toBe(item.status);
    expect(status, text).toBe(deviation?.simulated ?? item.status);
  });

  test("every case is run or belongs to something that is known to be left out", () => {
    const unknown = runnable.filter((item) => !isServed(item) && !isAnsweredAnyway(item));
    expect(unknown.map((item) => `${nameOf(item)}: ${endpointOf(item)}`)).toEqual([]);
  });

  test("what is left out is really left out, and as often as it says", () => {
    expect(absent.filter(isServed).map(nameOf)).toEqual([]);
    const counted = new Map<string, number>();
    for (const item of cases) {
      const endpoint = absentEndpoint(item);
      if (endpoint !== null) counted.set(endpoint, (counted.get(endpoint) ?? 0) + 1);
    }
    const listed = NOT_SIMULATED.flatMap(({ endpoints }) => Object.entries(endpoints));
    expect(Object.fromEntries(counted)).toEqual(Object.fromEntries(listed));
  });

  test("the lists of exceptions name cases that exist", () => {
    const names = new Set(cases.map(nameOf));
    const listed = [CASES_NOT_SIMULATED, ANSWERED_WITHOUT_ENDPOINT, STATUS_DEVIATIONS].flatMap(Object.keys);
    expect(listed.filter((name) => !names.has(name))).toEqual([]);
    const answered = cases.filter(isAnsweredAnyway);
    expect(answered.filter(isServed).map(nameOf)).toEqual([]);
  });
});
