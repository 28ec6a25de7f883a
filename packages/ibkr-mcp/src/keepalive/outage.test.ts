import { expect, test } from "vitest";
import { follow, type Outage, type Sighting } from "./outage.ts";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

/** Looks once a minute and answers the minutes at which something was told, with what. */
function minutesTold(minutes: number, look: (minute: number) => Partial<Sighting>): [number, string][] {
  let outage: Outage | null = null;
  const told: [number, string][] = [];
  for (let minute = 0; minute <= minutes; minute += 1) {
    const next = follow(outage, {
      ready: false,
      state: "no_login",
      alert: "Log in.",
      patienceMs: 10_000,
      at: minute * MINUTE,
      ...look(minute),
    });
    outage = next.outage;
    if (next.alert !== null) told.push([minute, next.alert]);
  }
  return told;
}

test("an outage is told at the second look, then after half an hour, one, two and every four", () => {
  const told = minutesTold(16 * 60, () => ({})).map(([minute]) => minute);
  expect(told).toEqual([1, 31, 91, 211, 451, 691, 931]);
});

test("its end is told with how long it was, and only if its beginning was", () => {
  const back = (minute: number) => (minute === 100 ? { ready: true, state: "ready", alert: "Up." } : {});
  expect(minutesTold(100, back).at(-1)).toEqual([100, "Up. It was not for 100 min."]);
  const blip = (minute: number) => (minute > 0 ? { ready: true, state: "ready", alert: "Up." } : {});
  expect(minutesTold(5, blip)).toEqual([]);
});

test("what asks for something else is told at once; what comes and goes is not told each time", () => {
  const told = minutesTold(20, (minute) =>
    Math.floor(minute / 3) % 2 === 0 ? {} : { state: "no_gateway", alert: "Start it." },
  );
  expect(told).toEqual([
    [1, "Log in."],
    [4, "Start it. The session has not been up for 4 min."],
  ]);
});

test("a few minutes of maintenance are no news, half an hour is", () => {
  const maintenance = { state: "maintenance", alert: "Silence.", patienceMs: 20 * MINUTE };
  expect(minutesTold(19, () => maintenance)).toEqual([]);
  expect(minutesTold(30, () => maintenance).map(([minute]) => minute)).toEqual([20]);
});

test("a clock that is set back a day does not silence the next reminder for a day", () => {
  let outage: Outage | null = null;
  const look = (at: number) => {
    const next = follow(outage, { ready: false, state: "no_login", alert: "Log in.", patienceMs: 0, at });
    outage = next.outage;
    return next.alert;
  };
  expect(look(100 * HOUR)).not.toBeNull();
  expect(look(76 * HOUR)).toBeNull();
  expect(look(76 * HOUR + 31 * MINUTE)).toContain("31 min");
});
