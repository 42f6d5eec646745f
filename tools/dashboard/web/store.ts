/** What the page knows, kept up to date by the server's news. */
import {
  MOST_LINES, MOST_PACKETS, MOST_POINTS,
  type Answer, type BoardInfo, type Command, type Line, type Live, type News, type PacketLine, type Point,
} from "../protocol.ts";

export interface Store {
  board: BoardInfo;
  live: Live;
  series: Map<string, Point[]>;
  packets: PacketLine[];
  lines: Line[];
}

export type Send = (command: Command) => Promise<Answer>;

const append = <T>(list: T[], more: T[], most: number): T[] =>
  (more.length === 0 ? list : [...list, ...more].slice(-most));

/** The store after some news; news with everything makes a new one. */
export function apply(store: Store | undefined, news: News): Store | undefined {
  if (news.board !== undefined) {
    return {
      board: news.board, live: news.live as Live, packets: news.packets, lines: news.lines,
      series: new Map(Object.entries(news.series)),
    };
  }
  if (store === undefined) return undefined;
  Object.assign(store.live, news.live);
  store.packets = append(store.packets, news.packets, MOST_PACKETS);
  store.lines = append(store.lines, news.lines, MOST_LINES);
  for (const [name, points] of Object.entries(news.series)) {
    store.series.set(name, append(store.series.get(name) ?? [], points, MOST_POINTS));
  }
  return store;
}

export interface Connection {
  send: Send;
}

/** Listens, for as long as the page lives; comes again when the server was away. */
export function connect(onNews: (news: News) => void, onState: (isLive: boolean) => void): Connection {
  let events: EventSource | undefined;
  let again: ReturnType<typeof setTimeout> | undefined;
  const listen = (): void => {
    events = new EventSource("events");
    events.onopen = () => onState(true);
    events.onmessage = (message: MessageEvent<string>) => onNews(JSON.parse(message.data) as News);
    events.onerror = () => {
      onState(false);
      // After an answer that is none the browser gives up: the simulator may just not be there yet.
      if (events?.readyState !== EventSource.CLOSED) return;
      clearTimeout(again);
      again = setTimeout(listen, 1000);
    };
  };
  listen();
  return {
    async send(command) {
      try {
        const response = await fetch("command", {
          method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(command),
        });
        return await response.json() as Answer;
      } catch {
        return { error: "the simulator does not answer: is it running?" };
      }
    },
  };
}
