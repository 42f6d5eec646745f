/** Times and memory of the client on the real interpreter. */
import { connect, field } from "../lib/mqtt/packet.ts";
import { PAYLOAD, startBroker, TOPIC } from "./broker.ts";
import { MARK, runOn } from "./interpreter.ts";
import { bundle } from "./profiles.ts";

const MESSAGES = 2000;
/** Messages of one timed burst: they fit the send buffer, and the idle loop sends them between two bursts. */
const BURST = 16;
const WINDOW = 8;

const literal = (bytes: string): string =>
  `"${bytes.replace(/[^ !#-[\]-~]/g, (c) => `\\x${c.charCodeAt(0).toString(16).padStart(2, "0")}`)}"`;

const CONNECT = literal(connect({ clientId: "bench", cleanSession: false, keepAlive: 60 }));
const PREPARED = literal(field(TOPIC));
const SUBSCRIBER = literal(field(TOPIC));
const PACKET = literal(`\x30\x3b${field(TOPIC)}${PAYLOAD}`);

/** Code that stays in flash: what counts on a board, where the Storage is mapped into memory. */
const FROM_FLASH = 'eval(require("Storage").read("client"));';

/** Loads the client by `load` and calls `then` with the session up. */
const begin = (load: string, then: string): string => `
var benchUsage = () => process.memory().usage;
var benchVars = { before: benchUsage() };
${load}
benchVars.loaded = benchUsage() - benchVars.before;
var benchT = ${PREPARED}, benchP = ${JSON.stringify(PAYLOAD)}, benchC = ${CONNECT}, benchLink = mq.link(), rawSock;
mq.configure(${WINDOW}, 128, false);
var onUp;
mq.subscribe(${SUBSCRIBER}, 0, () => { if (onMessage) onMessage(); });
var onMessage;
mq.start((oo, dd, cc, rr) => rawSock = benchLink(oo, dd, cc, rr), benchC, 30000, 4096, 256, (why) => print("down " + why));
var wait = setInterval(() => {
  if (!mq.publish(benchT, benchP, 0)) return;
  clearInterval(wait);
  setTimeout(() => { ${then} }, 200);
}, 20);
`;

/** Bare writes and publishes at QoS 0 take turns, so that both see the same machine. */
const times = (client: string): string => begin(client, `
  var n = 0, sums = [0, 0];
  var turn = () => {
    var i, t;
    if (n & 1) { t = getTime(); for (i = 0; i < ${BURST}; i++) rawSock.write(${PACKET}); sums[0] += getTime() - t; }
    else { t = getTime(); for (i = 0; i < ${BURST}; i++) mq.publish(benchT, benchP, 0); sums[1] += getTime() - t; }
    if (++n < ${2 * Math.ceil(MESSAGES / BURST)}) setTimeout(turn, 3);
    else publish1();
  };
  var per = 1000000 / ${Math.ceil(MESSAGES / BURST) * BURST};
  var publish1 = () => {
    var started = getTime(), sent = 0, acked = 0;
    var more = () => { while (sent < ${MESSAGES} && mq.publishKept(benchT, benchP, 2)) sent++; };
    mq.onSettled(() => {
      if (++acked < ${MESSAGES}) return more();
      print("${MARK}" + JSON.stringify({ floor: sums[0] * per, publish0: sums[1] * per, publish1: (getTime() - started) * 1000000 / ${MESSAGES} }));
    });
    more();
  };
  turn();
`);

/** The broker has sent its burst after SUBSCRIBE: time from the first message to the last. */
const receiving = (client: string): string => `
${client}
var count = 0, first;
mq.configure(${WINDOW}, 128, false);
mq.subscribe(${SUBSCRIBER}, 0, () => {
  if (!count++) first = getTime();
  if (count == ${MESSAGES}) print("${MARK}" + JSON.stringify({ receive: (getTime() - first) * 1000000 / ${MESSAGES - 1} }));
});
mq.start(mq.link(), ${CONNECT}, 30000, 4096, 256, (why) => print("down " + why));
`;

const GROWTH_MESSAGES = 100000;

const MEMORY = begin(FROM_FLASH, `
  benchVars.connected = benchUsage() - benchVars.before;
  var sent = 0, acked = 0, from = 0;
  var more = () => { while (sent - acked < ${WINDOW} && sent < ${GROWTH_MESSAGES} + 1000 && mq.publishKept(benchT, benchP, 2)) sent++; };
  mq.onSettled(() => {
    acked++;
    if (acked == 1000) setTimeout(() => { from = benchUsage(); more(); }, 300);
    else if (acked == ${GROWTH_MESSAGES} + 1000) setTimeout(() => {
      print("${MARK}" + JSON.stringify({ loaded: benchVars.loaded, connected: benchVars.connected, growth100k: benchUsage() - from, blockBytes: process.memory().blocksize }));
    }, 300);
    else more();
  });
  more();
`);

export interface InterpreterResult {
  us: { floor: number; publish0: number; publish1: number; receive: number };
  vars: { loaded: number; connected: number; growth100k: number };
  /** Bytes of a variable of this build of the interpreter. */
  blockBytes: number;
}

/** Measures the QoS 0/1 client on the interpreter. */
export const measure = async (espruino: string): Promise<InterpreterResult> => {
  const broker = await startBroker(0);
  const sender = await startBroker(MESSAGES);
  try {
    // Timed from RAM: the Linux build reads its flash from a file, byte by byte, which no board does.
    const { code } = await bundle("qos01", broker.port);
    const sent = await runOn(espruino, times(code), {}, 60000);
    const received = await runOn(espruino, receiving((await bundle("qos01", sender.port)).code), {}, 60000);
    const memory = await runOn(espruino, MEMORY, { client: code }, 300000);
    const round = (n: number | undefined): number => Math.round((n ?? NaN) * 10) / 10;
    return {
      us: {
        floor: round(sent["floor"]),
        publish0: round(sent["publish0"]),
        publish1: round(sent["publish1"]),
        receive: round(received["receive"]),
      },
      vars: { loaded: memory["loaded"]!, connected: memory["connected"]!, growth100k: memory["growth100k"]! },
      blockBytes: memory["blockBytes"]!,
    };
  } finally {
    broker.close();
    sender.close();
  }
};
