/** Why a connection ended or was refused, as small numbers; docs/mqtt.md says whose fault each is and what to do. */

/** 1 to 5 are the codes of CONNACK (3.2.2.3). The peer or the network closed the link. */
export const LINK_CLOSED = 6;
/** The link could not be opened: no such host, no socket left. */
export const LINK_FAILED = 7;
/** No CONNACK came in time. */
export const TIMED_OUT = 8;
/** No PINGRESP came in time [MQTT-3.1.2-24]. */
export const NO_PINGRESP = 9;
/** The peer sent what the standard forbids [MQTT-4.8.0-1]. */
export const MALFORMED = 10;
/** The peer sent a packet that is larger than we can hold [MQTT-4.8.0-2]. */
export const TOO_LARGE = 11;
