/** The sockets of one life of the chip by number, for net.js. */
import type { Link } from "../../link.ts";
import type { EngineOptions } from "../types.ts";

export function socketsOf(
  { network, onConsole, chip }: EngineOptions, links: (Link | undefined)[], wake: () => void,
): object {
  return {
    hasTls: chip !== "ESP8266",
    open: (host: string, port: number): number | string => {
      const link = network.connect(host, port);
      if (link === "not found") return "Unable to locate host";
      if (typeof link === "string") {
        // The numbers are ECONNREFUSED and EHOSTUNREACH of lwIP.
        onConsole(`ERROR: Connect failed (err ${link === "refused" ? 111 : 118})`);
        return "Unable to create socket";
      }
      link.onChange = wake;
      wake();
      return links.push(link) - 1;
    },
    send: (number: number, text: string): number => links[number]?.send(Buffer.from(text, "latin1")) ?? -1,
    recv: (number: number, count: number): string | undefined | null => {
      const link = links[number];
      if (link === undefined) return null;
      if (link.state === "opening") return undefined;
      return link.take(count)?.toString("latin1") ?? null;
    },
    close: (number: number): void => {
      const link = links[number];
      links[number] = undefined;
      if (link === undefined) return;
      link.onChange = () => {};
      link.close();
    },
  };
}
