/**
 * Serves the dashboard on this computer. Commands change things, and the flash tab holds the secrets of the board, so
 * nobody gets an answer who does not know the name in the address, comes by another host name (a name of another site
 * that was made to point here), or from a page of another origin.
 */
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { closeNow, isForUs, listenOn, partsOf } from "../local-server.ts";
import type { Answer, News } from "./protocol.ts";

/** A file, or how it is made each time that it is asked for. */
export interface Page { type: string; text: string | (() => Promise<string>) }

export interface ServerOptions {
  port: number;
  token: string;
  pages: Record<string, Page>;
  /** Everything, for a page that has just come. */
  all(): News;
  run(command: unknown): Promise<Answer>;
}

export interface DashboardServer {
  url: string;
  /** Pages that listen now. */
  readonly listeners: number;
  /** Tells all pages. */
  send(news: News): void;
  close(): Promise<void>;
}

/** Longest command. */
const MOST_COMMAND_BYTES = 16_384;
/** A page that does not read is let go when so much waits for it: it comes again, and gets everything then. */
const MOST_WAITING_BYTES = 4_000_000;
const POLICY = "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'; "
  + "frame-ancestors 'none'";

const HEADERS = {
  "cache-control": "no-store", "x-content-type-options": "nosniff", "referrer-policy": "no-referrer",
  "content-security-policy": POLICY, "cross-origin-resource-policy": "same-origin",
};

function answer(response: ServerResponse, status: number, type: string, text: string): void {
  response.writeHead(status, { ...HEADERS, "content-type": `${type}; charset=utf-8` });
  response.end(text);
}
const answerJson = (response: ServerResponse, status: number, value: Answer): void =>
  answer(response, status, "application/json", JSON.stringify(value));

async function bodyOf(request: IncomingMessage): Promise<string | undefined> {
  const pieces: Buffer[] = [];
  let bytes = 0;
  for await (const piece of request as AsyncIterable<Buffer>) {
    bytes += piece.length;
    if (bytes > MOST_COMMAND_BYTES) return undefined;
    pieces.push(piece);
  }
  return Buffer.concat(pieces).toString("utf8");
}

/** Throws an Error for people when the port is taken. */
export async function serveDashboard(options: ServerOptions): Promise<DashboardServer> {
  const { token, pages } = options;
  const listeners = new Set<ServerResponse>();
  const write = (response: ServerResponse, news: News): void => {
    if (response.writableLength > MOST_WAITING_BYTES) response.destroy();
    else response.write(`data: ${JSON.stringify(news)}\n\n`);
  };
  const listen = (request: IncomingMessage, response: ServerResponse): void => {
    response.writeHead(200, { ...HEADERS, "content-type": "text/event-stream; charset=utf-8" });
    // How long a page waits before it comes again.
    response.write("retry: 1000\n\n");
    write(response, options.all());
    listeners.add(response);
    const leave = (): void => void listeners.delete(response);
    response.on("error", leave);
    response.on("close", leave);
    request.on("error", leave);
  };
  const command = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const { origin, host, "content-type": type = "" } = request.headers;
    if (origin !== `http://${host}`) return answerJson(response, 403, { error: "commands come from the dashboard's own page" });
    // A form of another site cannot send this type.
    if (!type.startsWith("application/json")) return answerJson(response, 415, { error: "a command is application/json" });
    const body = await bodyOf(request);
    if (body === undefined) return answerJson(response, 413, { error: `a command has at most ${MOST_COMMAND_BYTES} bytes` });
    let parsed: unknown;
    try {
      parsed = JSON.parse(body);
    } catch {
      return answerJson(response, 400, { error: "a command is JSON" });
    }
    const result = await options.run(parsed);
    answerJson(response, "error" in result ? 400 : 200, result);
  };
  const page = async (name: string, response: ServerResponse): Promise<void> => {
    const { type, text } = pages[name]!;
    answer(response, 200, type, typeof text === "string" ? text : await text());
  };
  const serve = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const [secret, ...rest] = partsOf(request);
    const name = rest.join("/");
    if (!isForUs(request) || secret !== token) return answer(response, 404, "text/plain", "not found");
    const file = name === "" ? "index.html" : name;
    if (request.method === "POST" && name === "command") return command(request, response);
    if (request.method === "GET" && name === "events") return listen(request, response);
    if (request.method === "GET" && Object.hasOwn(pages, file)) return page(file, response);
    answer(response, 404, "text/plain", "not found");
  };
  const server = createServer((request, response) => {
    serve(request, response).catch((error: Error) => {
      if (response.headersSent) response.destroy();
      else answerJson(response, 500, { error: error.message });
    });
  });
  const port = await listenOn(server, options.port);
  return {
    url: `http://127.0.0.1:${port}/${token}/`,
    get listeners() {
      return listeners.size;
    },
    send(news) {
      for (const response of listeners) write(response, news);
    },
    close: () => closeNow(server),
  };
}
