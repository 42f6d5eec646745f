/** The dashboard of a simulation: `motelet sim --web`. */
import type { SimEvent } from "../../simulator/events.ts";
import type { WatchPackets } from "../../simulator/network.ts";
import type { Simulation } from "../../simulator/simulator.ts";
import { createControl, nothingSwitched, type Control } from "./control.ts";
import { createFeed } from "./feed.ts";
import type { WebOptions } from "../flash/web/server.ts";
import { secretName } from "../local-server.ts";
import type { InfoOptions } from "./info.ts";
import { dashboardPages } from "./pages.ts";
import { readPlace, writePlace } from "./place.ts";
import type { News } from "./protocol.ts";
import { serveDashboard } from "./server.ts";

export interface DashboardOptions extends InfoOptions {
  /** The board file. */
  file: string;
  /** Default: that of the last run, else any that is free. */
  port?: number | undefined;
  /** Where port and address are kept from run to run; nowhere when absent. */
  placeFile?: string | undefined;
  /** How the flash tab builds. */
  flash?: WebOptions;
  /** How often pages are told, ms of the host. */
  everyMs?: number;
}

export interface Dashboard {
  url: string;
  /** Pages that look on. */
  readonly pages: number;
  take(this: void, event: SimEvent): void;
  takePacket: WatchPackets;
  /** Tells all pages what is new, now. */
  tell(): void;
  close(): Promise<void>;
}

const EVERY_MS = 250;

/** What the simulation is to be given, and what starts the page once it runs. */
export interface DashboardToBe {
  take(this: void, event: SimEvent): void;
  takePacket: WatchPackets;
  open(simulation: Simulation): Promise<Dashboard>;
}

export function prepareDashboard(options: DashboardOptions): DashboardToBe {
  const feed = createFeed(options);
  const take = (event: SimEvent): void => feed.take(event);
  const takePacket: WatchPackets = (direction, summary, bytes) => feed.takePacket(direction, summary, bytes);
  return {
    take, takePacket,
    async open(simulation) {
      const switched = nothingSwitched();
      const control = createControl(simulation, feed.attach(simulation, switched), switched, feed);
      const place = options.placeFile === undefined ? undefined : readPlace(options.placeFile);
      const pages = await dashboardPages(options.file, options.flash);
      const run: Control = async (command) => {
        const answer = await control(command);
        tell();
        return answer;
      };
      // What is in "everything" is not told again as news.
      const all = (): News => {
        tell();
        return feed.all();
      };
      const serve = (port: number): ReturnType<typeof serveDashboard> =>
        serveDashboard({ port, token: place?.token ?? secretName(), pages, all, run });
      // Another program may have the port of the last run meanwhile.
      const server = options.port !== undefined || !place?.port ? await serve(options.port ?? 0)
        : await serve(place.port).catch(() => serve(0));
      if (place && options.placeFile !== undefined) {
        writePlace(options.placeFile, { token: place.token, port: Number(new URL(server.url).port) });
      }
      const tell = (): void => {
        feed.sample();
        const news = feed.news();
        server.send(news);
      };
      const timer = setInterval(tell, options.everyMs ?? EVERY_MS);
      return {
        url: server.url, take, takePacket, tell,
        get pages() {
          return server.listeners;
        },
        async close() {
          clearInterval(timer);
          await server.close();
        },
      };
    },
  };
}
