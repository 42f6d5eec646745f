/**
 * WebSocket as a link over any other: `ws://` over TCP, `wss://` over TLS. A client of RFC 6455 (section numbers below)
 * for MQTT 3.1.1, section 6: binary frames, sub-protocol `mqtt`. What arrives is passed on as it comes: nothing is held
 * but the answer to the upgrade, the header of a frame, or a control frame. A server that breaks a rule is closed.
 */
import { base64, sha1Base64, veil } from "#platform/crypto";
import { close, layer, type Socket } from "#platform/net";
import type { Open } from "../platform/types.ts";
import { char } from "../mqtt/packet.ts";

/** While the answer to the upgrade is not complete, what may be held of it in bytes. */
const LARGEST_ANSWER_BYTES = 2048;
/** A length of 64 bits may not say more than 32: no broker sends a frame of 4 GB. */
const LARGEST_FRAME_BYTES = 0xffffffff;
/** First bytes of frames (5.2): FIN and the opcode. */
const BINARY = 0x82;
const CLOSE = 0x88;
const PING = 0x89;
const PONG = 0x8a;

const UPGRADING = 0;
const PASSING = 1;
const CLOSED = 2;

/**
 * The request of an upgrade (4.1) up to its key: a constant of the build.
 * @param authority host, or host:port where the port is not the scheme's own
 */
export const upgradeRequest = (authority: string, path: string): string =>
  "GET " + path + " HTTP/1.1\r\nHost: " + authority + "\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
  + "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Protocol: mqtt\r\nSec-WebSocket-Key: ";

/** A frame under a mask of its own (5.3), with its length in 7, 16 or 64 bits, the fewest that do (5.2). */
const frame = (first: number, bytes: string): string => {
  const length = bytes.length;
  const low = length & 255;
  const high = (length >>> 8) & 255;
  return (length < 126 ? char(first, 128 + length)
    : length < 65536 ? char(first, 254, high, low)
      : char(first, 255, 0, 0, 0, 0, length >>> 24, (length >>> 16) & 255, high, low)) + veil(bytes);
};

/**
 * 4.1: the server speaks WebSocket, has read our key (1.3), takes MQTT. After a colon are as many spaces as it likes
 * (RFC 7230, 3.2): most servers write one, ejabberd none.
 */
const accepts = (head: string, key: string): boolean => {
  let answer = head;
  let space = answer.indexOf(": ");
  while (space > 0) {
    answer = answer.substring(0, space + 1) + answer.substring(space + 2);
    space = answer.indexOf(": ");
  }
  for (const part of [
    "\r\nhttp/1.1 101",
    "\r\nupgrade:websocket",
    "\r\nconnection:upgrade",
    "-accept:" + sha1Base64(key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11").toLowerCase() + "\r\n",
    "-protocol:mqtt\r\n",
  ]) {
    if (answer.indexOf(part) < 0 || answer.indexOf("-extensions:") > 0) {
      return false;
    }
  }
  return true;
};

/**
 * Returns how to open a WebSocket over another link.
 * @param open the link below, `tcp(...)` or `tls(...)`
 * @param request what `upgradeRequest` gives
 */
export const websocket = (open: Open<Socket>, request: string): Open<Socket> =>
  (onOpen, onData, onClose, onDrain) => {
    let phase = UPGRADING;
    let waiting = "";
    /** Bytes of this frame that are still to come, and the opcode that the next one of data has to have (5.4). */
    let left = 0;
    let next = 2;
    let pong = "";
    let pongUnderWay = false;
    let send: (this: void, bytes: string) => void;
    // Sixteen bytes of chance (4.1).
    const key = base64(veil(veil(veil(veil("")))));

    const giveUp = (): void => {
      close(link!, false);
      onClose();
    };

    /** One pong at a time, of the latest ping (5.5.3): a peer that pings and does not read must not fill the heap. */
    const answerPing = (): void => {
      if (!pongUnderWay && pong !== "") {
        pongUnderWay = true;
        send(pong);
        pong = "";
      }
    };

    /** A close frame, 1000: normal (7.4.1). Nothing is sent after it (5.5.1). */
    const farewell = (): string => {
      const wasPassing = phase === PASSING;
      phase = CLOSED;
      return wasPassing ? frame(CLOSE, "\x03\xe8") : "";
    };

    const hear = (bytes: string): void => {
      const input = waiting + bytes;
      const length = input.length;
      let at = 0;
      waiting = "";
      if (phase === UPGRADING) {
        at = input.indexOf("\r\n\r\n") + 4;
        if (at < 4 && length <= LARGEST_ANSWER_BYTES) {
          waiting = input;
          return;
        }
        const answer = "\r\n" + input.substring(0, at).toLowerCase();
        if (!accepts(answer, key)) {
          return giveUp();
        }
        phase = PASSING;
        onOpen();
      }
      while (phase === PASSING && at < length) {
        if (left > 0) {
          const payload = input.substring(at, at + left);
          at += payload.length;
          left -= payload.length;
          onData(payload);
        } else {
          if (at + 2 > length) {
            break;
          }
          const first = input.charCodeAt(at);
          let size = input.charCodeAt(at + 1);
          let start = at + 2;
          const isControl = first > 135;
          // No bit that is reserved, no opcode that is not to be here, no mask (5.1, 5.2, 5.4, 5.5).
          if (isControl ? first > PONG || size > 125 : (first & 127) !== next || size > 127) {
            return giveUp();
          }
          if (size > 125) {
            start += size === 126 ? 2 : 8;
            size = 0;
          }
          if (start + (isControl ? size : 0) > length) {
            break;
          }
          for (let i = at + 2; i < start; i++) {
            size = size * 256 + input.charCodeAt(i);
          }
          at = start;
          if (isControl) {
            at += size;
            if (first === PING) {
              pong = frame(PONG, input.substring(start, at));
            } else if (first === CLOSE) {
              // The server ends the connection then (7.1.1); one that does not is silent from here on.
              send(farewell());
            }
          } else {
            if (size > LARGEST_FRAME_BYTES) {
              return giveUp();
            }
            next = first > 127 ? 2 : 0;
            left = size;
          }
        }
      }
      if (phase === PASSING) {
        waiting = input.substring(at);
        answerPing();
      }
    };

    const link = open(() => send(request + key + "\r\n\r\n"), hear, onClose, () => {
      pongUnderWay = false;
      answerPing();
      onDrain();
    });
    if (link) {
      send = layer(link, (bytes) => (phase === PASSING ? frame(BINARY, bytes) : ""), farewell);
    }
    return link;
  };
