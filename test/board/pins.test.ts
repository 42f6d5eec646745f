/** What `check` says of serial ports, of pins that count and tell, and of totals. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { changed, type Json, load } from "./helper.ts";

/** Errors and warnings of the greenhouse with these buses and sensors besides its own. */
const problemsOf = async (
  buses: object, sensors: object[], change: (board: Json) => void = () => {},
): Promise<string[]> => {
  const board = changed((json) => {
    json.buses = { ...json.buses, ...buses };
    json.sensors.push(...sensors.map((sensor, i) => ({ id: `s${i}`, interval: "5m", ...sensor })));
    change(json);
  });
  return (await load(board)).problems.map(({ path, message, suggestion }) => `${path}: ${message}. ${suggestion ?? ""}`);
};

const UART1 = { uart1: { rx: "D16", tx: "D17" } };
const PULSE = { driver: "pulse", pin: "D19" };

const ROWS: [what: string, problems: Promise<string[]>, wanted: RegExp | undefined][] = [
  ["a serial port with one part is right", problemsOf(UART1, [{ driver: "gps", bus: "uart1" }]), undefined],
  ["a serial port is for one part", problemsOf(UART1, [{ driver: "gps", bus: "uart1" }, { driver: "mhz19", bus: "uart1" }]),
    /sensors\[2\]\.bus: uart1 has a sensor with the driver gps.* a serial port is for one part/],
  ["a part speaks at the rates that it has", problemsOf({ uart1: { ...UART1.uart1, baud: 115200 } },
    [{ driver: "pms5003", bus: "uart1" }]), /buses\.uart1\.baud: pms5003 does not speak 115200 bits a second\. use 9600/],
  ["a serial part on another bus", problemsOf({}, [{ driver: "gps", bus: "i2c1" }]), /sensors\[1\]\.bus: gps is on/],
  ["a contact on a pin with a pull-up is right", problemsOf({}, [{ driver: "contact", pin: "D19" }]), undefined],
  ["a pin without a pull-up", problemsOf({}, [{ driver: "contact", pin: "D34" }]), /sensors\[1\]\.pin: .*D34.*pull/i],
  ["one that has its resistor on the board", problemsOf({}, [{ driver: "contact", pin: "D34", pull: "none" }]), undefined],
  ["a pin that is used twice", problemsOf({}, [{ driver: "contact", pin: "D19" }, { driver: "pir", pin: "D19" }]),
    /pin D19 is used 2 times/],
  ["a total is kept", problemsOf({}, [PULSE]), undefined],
  ["totals that are saved all the time", problemsOf({}, [PULSE], (json) => json.saveTotals = "10ms"),
    /saveTotals: the least time between two saves is one second/],
  ["totals that wear the flash out", problemsOf({}, [PULSE], (json) => json.saveTotals = "1s"),
    /saveTotals: the flash may be worn after \d+ months\. save less often/],
];

for (const [what, problems, wanted] of ROWS) {
  test(`check: ${what}`, async () => {
    const found = await problems;
    if (wanted === undefined) assert.equal(found, []);
    else assert.ok(found.some((text) => wanted.test(text)), found.join("\n"));
  });
}

test.run();
