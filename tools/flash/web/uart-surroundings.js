/**
 * What the UART of @espruino-tools/core takes for its browser: bundle.ts puts these in the place of the globals in its
 * file. So it opens the port that the page has chosen, draws no window of its own, and logs no packets, which hold
 * secrets.
 */
let chosen;
let made = [];

export const navigator = {
  platform: "", userAgent: "",
  serial: { requestPort: async () => chosen },
  bluetooth: { requestDevice: async () => chosen },
};

export const console = { log() {} };

export const document = {
  createElement() {
    const element = { innerHTML: "", classList: { add() {} }, setAttribute() {}, appendChild() {} };
    made.push(element);
    return element;
  },
  body: { appendChild() {}, removeChild() {} },
};

/** Its `connect` would draw a window with a button for each kind of connection: here the button is pressed at once. */
export function connectBy(uart, kind, device, onOpen) {
  made = [];
  const connection = uart.connect(onOpen);
  // It asks for the device before this returns.
  chosen = device;
  made.find(({ innerHTML, onclick }) => onclick && innerHTML.includes(kind)).onclick({ preventDefault() {} });
  made = [];
  return connection;
}
