/** What cases ask of peers. */
import type { Peer, QoS } from "./peer.ts";
import { NotSupported } from "./not-supported.ts";
import type { Stage } from "./suite.ts";

/** Fails with what was expected and what was seen. */
export const expectSame = (seen: unknown, wanted: unknown, what: string): void => {
  const [a, b] = [JSON.stringify(seen), JSON.stringify(wanted)];
  if (a !== b) throw new Error(`${what}: expected ${b}, saw ${a}`);
};

/** Payloads as text, in order of arrival. */
export const texts = (peer: Peer): string[] => peer.received.map(({ payload }) => payload.toString());

/** Waits until a peer has received so many messages. */
export const arrivals = (stage: Stage, peer: Peer, count: number, what = "messages"): Promise<void> =>
  stage.until(() => peer.received.length >= count, () => `${peer.received.length} of ${count} ${what} arrived`);

/** QoS of the messages that the broker sent to a peer, in order. */
export const deliveredQos = (peer: Peer): number[] => peer.tap.packets
  .filter(({ from, packet, dup }) => from === "broker" && packet === "PUBLISH" && dup !== true)
  .map(({ qos }) => qos!);

/** Subscribes, and takes a lower QoS than asked for as what the broker does not do. */
export const subscribeAt = async (peer: Peer, filter: string, qos: QoS): Promise<void> => {
  const granted = await peer.subscribe(filter, qos);
  if (granted < qos) throw new NotSupported(`QoS ${qos} is asked for and QoS ${granted} granted`);
  expectSame(granted, qos, "granted QoS");
};
