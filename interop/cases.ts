/** What every broker is asked. */
import { connectionCases } from "./cases/connection.ts";
import { deliveryCases } from "./cases/delivery.ts";
import { messageCases } from "./cases/message.ts";
import { sessionCases } from "./cases/session.ts";
import type { Case } from "./suite.ts";

export const cases: Case[] = [...connectionCases, ...messageCases, ...deliveryCases, ...sessionCases];
