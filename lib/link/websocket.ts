/**
 * WebSocket as a link over any other: `ws://` over TCP, `wss://` over TLS. A client of RFC 6455 (section numbers below)
 * for MQTT 3.1.1, section 6: binary frames, sub-protocol `mqtt`. What arrives is passed on as it comes: nothing is held
 * but the answer to the upgrade, the header of a frame, or a control frame. A server that breaks a rule is closed.
 */
import { base64, compact, sha1Base64, veil } from "#platform/crypto";
import { layer, type Socket } from "#platform/net";
import type { Open } from "../platform/types.ts";
import { char } from "../mqtt/packet.ts";

/** While the answer to the upgrade is not complete, what may be held of it in bytes. */
const LARGEST_ANSWER_BYTES = 2048;
/** First bytes of frames (5.2): FIN and the opcode. */
const BINARY = 0x82;
const CLOSE = 0x88;
const PING = 0x89;
const PONG = 0x8a;

/**
 * The state is the opcode that the next frame of data has to have (5.4): that of binary data, or 0 inside a message;
 * what is odd is before the upgrade and after the close.
 */
const UPGRADING = 1;
const NEW_MESSAGE = 2;
const CLOSED = 3;

/**
 * The request of an upgrade (4.1) up to its key: a constant of the build.
 * @param authority host, or host:port where the port is not the scheme's own
 */
export const upgradeRequest = (authority: string, path: string): string =>
  "GET " + path + " HTTP/1.1\r\nHost: " + authority + "\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
  + "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Protocol: mqtt\r\nSec-WebSocket-Key: ";

/**
 * A frame under a mask of its own (5.3), with its length in 7 or 16 bits, the fewest that do (5.2). No chip writes
 * 64 KB at once; on Node `layer` has cut what is longer.
 */
const frame = (first: number, bytes: string): string => {
  const length = bytes.length;
  return (length < 126 ? char(first, 128 + length) : char(first, 254, length >>> 8, length & 255)) + veil(bytes);
};

/**
 * Returns how to open a WebSocket over another link.
 * @param open the link below, `tcp(...)` or `tls(...)`
 * @param request what `upgradeRequest` gives
 */
export const websocket = (open: Open<Socket>, request: string): Open<Socket> =>
  (onOpen, onData, onClose, onDrain) => {
    let next = UPGRADING;
    let waiting = "";
    /** Bytes of this frame that are still to come. */
    let left = 0;
    let pong = "";
    let pongUnderWay = false;
    let send: (this: void, bytes: string) => void;
    // Sixteen bytes of chance (4.1).
    const key = base64(veil(veil(veil(veil("")))));

    /** Without bytes: a close frame, 1000, which is normal (7.4.1). Nothing is sent after it (5.5.1). */
    const encode = (bytes?: string): string => {
      const isOpen = (next & 1) < 1;
      if (bytes === undefined) {
        next = CLOSED;
      }
      return !isOpen ? "" : bytes === undefined ? frame(CLOSE, "\x03\xe8") : frame(BINARY, bytes);
    };

    /** One pong at a time, of the latest ping (5.5.3): a peer that pings and does not read must not fill the heap. */
    const answerPing = (): void => {
      if (!pongUnderWay && pong !== "" && (next & 1) < 1) {
        pongUnderWay = true;
        send(pong);
        pong = "";
      }
    };

    const hear = (bytes: string): void => {
      const input = waiting + bytes;
      const length = input.length;
      let at = 0;
      if (next === UPGRADING) {
        at = input.indexOf("\r\n\r\n") + 4;
        waiting = input;
        if (at < 4 && length <= LARGEST_ANSWER_BYTES) {
          return;
        }
        // 4.1: the server speaks WebSocket, has read our key (1.3), takes MQTT, and nothing that was not asked for.
        const answer = compact("\r\n" + input.substring(0, at));
        if (![
          "\r\nhttp/1.1101",
          "\r\nupgrade:websocket",
          "\r\nconnection:upgrade",
          compact("-accept:" + sha1Base64(key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11") + "\r\n"),
          "-protocol:mqtt\r\n",
        ].every((part) => answer.indexOf(part) > -1 && answer.indexOf("-extensions:") < 0)) {
          return onClose();
        }
        next = NEW_MESSAGE;
        onOpen();
      }
      while ((next & 1) < 1 && at < length) {
        if (left > 0) {
          const payload = input.substring(at, at + left);
          at += payload.length;
          left -= payload.length;
          onData(payload);
        } else {
          const first = input.charCodeAt(at);
          // A byte that has not come yet is no number, and makes none of what is counted with it.
          let size = input.charCodeAt(at + 1);
          let start = at + 2;
          const isControl = first > 135;
          // No bit that is reserved, no opcode that is not to be here, no mask (5.1, 5.2, 5.4, 5.5).
          if (isControl ? first > PONG || size > 125 : (first & 127) !== next || size > 127) {
            return onClose();
          }
          if (size > 125) {
            const end = start + (size > 126 ? 8 : 2);
            size = 0;
            while (start < end) {
              size = size * 256 + input.charCodeAt(start++);
            }
          }
          const end = isControl ? start + size : start;
          if (!(end <= length)) {
            break;
          }
          at = end;
          if (!isControl) {
            next = first > 127 ? NEW_MESSAGE : 0;
            left = size;
          } else if (first === PING) {
            pong = frame(PONG, input.substring(start, end));
          } else if (first === CLOSE) {
            // The server ends the connection then (7.1.1); one that does not is silent from here on.
            send(encode());
          }
        }
      }
      waiting = input.substring(at);
      answerPing();
    };

    const link = open(() => send(request + key + "\r\n\r\n"), hear, onClose, () => {
      pongUnderWay = false;
      answerPing();
      onDrain();
    });
    if (link) {
      send = layer(link, encode);
    }
    return link;
  };
