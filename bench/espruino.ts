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

export const CONNECT = literal(connect({ clientId: "bench", cleanSession: false, keepAlive: 60 }));
export const PREPARED = literal(field(TOPIC));
const SUBSCRIBER = literal(field(TOPIC));
export const PACKET = literal(`\x30\x3b${field(TOPIC)}${PAYLOAD}`);

/** Code that stays in flash: what counts on a board, where the Storage is mapped into memory. */
const FROM_FLASH = 'eval(require("Storage").read("client"));';

/** Loads the client by `load` and calls `then` with the session up. */
const begin = (load: string, then: string, pingMs = 30000): string => `
var benchUsage = () => process.memory().usage;
var benchVars = { before: benchUsage() };
${load}
benchVars.loaded = benchUsage() - benchVars.before;
var benchT = ${PREPARED}, benchP = ${JSON.stringify(PAYLOAD)}, benchC = ${CONNECT}, benchLink = mq.link(), rawSock;
mq.configure(${WINDOW}, 128, false);
var onUp;
mq.subscribe(${SUBSCRIBER}, 0, () => { if (onMessage) onMessage(); });
var onMessage;
mq.start((oo, dd, cc, rr) => rawSock = benchLink(oo, dd, cc, rr), benchC, ${pingMs}, 4096, 256, (why) => print("down " + why));
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

/**
 * Growth is measured from the second pause to the third: the first has not seen yet what is made when it is over.
 * How often both ping: what came last, which is held until more comes, is a PINGRESP when it is measured.
 */
const PING_MS = 100;
const PAUSE_MS = 5.5 * PING_MS;

const MEMORY = begin(FROM_FLASH, `
  benchVars.connected = benchUsage() - benchVars.before;
  var sent = 0, acked = 0, from = 0, limit = 1000, phase = 0, now = 0;
  var more = () => { while (sent - acked < ${WINDOW} && sent < limit && mq.publishKept(benchT, benchP, 2)) sent++; };
  mq.onSettled(() => {
    if (++acked < limit) return more();
    setTimeout(() => {
      now = benchUsage();
      if (++phase > 2) print("${MARK}" + JSON.stringify({ loaded: benchVars.loaded, connected: benchVars.connected, growth100k: now - from, blockBytes: process.memory().blocksize }));
      else { from = now; limit += phase > 1 ? ${GROWTH_MESSAGES} : 1000; more(); }
    }, ${PAUSE_MS});
  });
  more();
`, PING_MS);

/**
 * What comes in: all of one SUBSCRIBE, of another, and, measured, of a third. The last that comes is a PUBACK each
 * time, as the client holds what came last.
 */
const INCOMING = `
eval(require("Storage").read("client"));
var count = 0, from = 0, phase = 0, now = 0, isOver = false;
mq.configure(${WINDOW}, 128, false);
mq.onSettled(() => {
  if (!isOver) return;
  isOver = false;
  setTimeout(() => {
    now = process.memory().usage;
    if (++phase > 2) print("${MARK}" + JSON.stringify({ growth100k: now - from }));
    else { from = now; mq.subscribe(${SUBSCRIBER}, 0); }
  }, 300);
});
mq.subscribe(${SUBSCRIBER}, 0, () => {
  if (++count % ${GROWTH_MESSAGES}) return;
  isOver = true;
  mq.publishKept(${SUBSCRIBER}, "", 2);
});
mq.start(mq.link(), ${CONNECT}, 30000, 4096, 256, (why) => print("down " + why));
`;

/** Variables that a profile takes, loaded with its code in flash. */
const loaded = async (espruino: string, profile: string): Promise<number> => {
  const result = await runOn(
    espruino,
    `var benchUsage=process.memory().usage;${FROM_FLASH}print("${MARK}"+JSON.stringify({loaded:process.memory().usage-benchUsage}))`,
    { client: (await bundle(profile)).code }, 20000,
  );
  return result["loaded"]!;
};

export interface InterpreterResult {
  us: { floor: number; publish0: number; publish1: number; receive: number };
  /** `growth100k` over messages that are sent, `growthIn100k` over those that come in. */
  vars: {
    loaded: number; loadedQos0: number; loadedQos2: number; connected: number; growth100k: number; growthIn100k: number;
  };
  /** Bytes of a variable of this build of the interpreter. */
  blockBytes: number;
}

/** Measures the QoS 0/1 client on the interpreter. */
export const measure = async (espruino: string): Promise<InterpreterResult> => {
  const broker = await startBroker(0);
  const sender = await startBroker(MESSAGES);
  const flood = await startBroker(GROWTH_MESSAGES);
  try {
    // Timed from RAM: the Linux build reads its flash from a file, byte by byte, which no board does.
    const { code } = await bundle("qos01", broker.port);
    const sent = await runOn(espruino, times(code), {}, 60000);
    const received = await runOn(espruino, receiving((await bundle("qos01", sender.port)).code), {}, 60000);
    const memory = await runOn(espruino, MEMORY, { client: code }, 300000);
    const incoming = await runOn(espruino, INCOMING, { client: (await bundle("qos01", flood.port)).code }, 300000);
    const round = (n: number | undefined): number => Math.round((n ?? NaN) * 10) / 10;
    return {
      us: {
        floor: round(sent["floor"]),
        publish0: round(sent["publish0"]),
        publish1: round(sent["publish1"]),
        receive: round(received["receive"]),
      },
      vars: {
        loaded: memory["loaded"]!,
        loadedQos0: await loaded(espruino, "qos0"),
        loadedQos2: await loaded(espruino, "qos012"),
        connected: memory["connected"]!,
        growth100k: memory["growth100k"]!,
        growthIn100k: incoming["growth100k"]!,
      },
      blockBytes: memory["blockBytes"]!,
    };
  } finally {
    broker.close();
    sender.close();
    flood.close();
  }
};
