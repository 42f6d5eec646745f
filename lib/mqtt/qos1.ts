/** Publishing at QoS 1, "at least once" (4.3.2). */
import { handlers } from "./client.ts";
import { publishKept, settle } from "./inflight.ts";
import { PUBACK } from "./packet.ts";

export { publishKept };

handlers[PUBACK] = settle;
