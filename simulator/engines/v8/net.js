/*
 * The socket library of Espruino (libs/network/socketserver.c, jswrap_net.c, jswrap_stream.c of 2v29), for
 * client sockets, line by line where the order of events depends on it. Runs inside the context.
 *
 * host.open(host, port) gives a socket number or throws; host.send(number, text) the count of bytes taken;
 * host.recv(number, count) a text, "" for nothing yet, undefined before the connection is open, null after
 * its end; host.hasTls whether the chip has the module "tls".
 */
(function (host, core) {
  "use strict";
  const CHUNK = 536;
  const STREAM_MAX_BUFFER_SIZE = 512;
  const CLOSED = -1;
  const UNSENT_DATA = -8;
  const messages = { "-8": "unsent data" };

  let connections = [];

  function Socket() {}

  /** jswrap_stream_pushData: true when the data was taken. Data without a listener is kept for read(). */
  const push = (socket, data, force) => {
    const list = socket["#ondata"];
    if (list && list.length > 0) {
      for (const fn of list.slice()) core.run(fn, socket, [data]);
      return true;
    }
    const buffer = socket["#buf"];
    if (buffer === undefined) {
      core.hidden(socket, "#buf", data);
      return true;
    }
    const fits = buffer.length + data.length <= STREAM_MAX_BUFFER_SIZE;
    if (fits || force) socket["#buf"] = (buffer + data).substring(0, STREAM_MAX_BUFFER_SIZE);
    return fits;
  };

  const pushReceived = (socket, force) => {
    if (socket.dRcv && push(socket, socket.dRcv, force)) socket.dRcv = undefined;
  };

  /** _socketConnectionKill */
  const kill = (socket) => {
    if (socket.sckt === undefined) return;
    host.close(socket.sckt);
    delete socket.sckt;
    socket.conn = false;
    socket.cls = true;
  };

  const sendSome = (socket) => {
    const count = host.send(socket.sckt, socket.dSnd.substring(0, CHUNK));
    if (count <= 0) return count;
    socket.dSnd = socket.dSnd.substring(count);
    if (socket.dSnd === "" && !socket.cls) core.enqueue(socket, "drain", [socket]);
    return count;
  };

  const connected = (socket) => {
    core.enqueue(socket, "connect", [socket]);
    socket.conn = true;
  };

  /** Sends and receives one piece; gives [error, whether to close, whether something moved]. */
  const exchange = (socket) => {
    let closeNow = false;
    let moved = false;
    if (socket.dSnd) {
      const count = sendSome(socket);
      if (count < 0) return [count, true, true];
      moved = count > 0;
    } else if (socket.cls) closeNow = true;
    const received = host.recv(socket.sckt, CHUNK);
    if (received === undefined && !socket.conn) return [0, closeNow, moved];
    if (received === null) return [CLOSED, true, true];
    if (!socket.conn) {
      moved = true;
      connected(socket);
      if (!socket.dSnd) core.enqueue(socket, "drain", [socket]);
    }
    if (received) {
      moved = true;
      socket.dRcv = (socket.dRcv || "") + received;
      pushReceived(socket, false);
    }
    return [0, closeNow, moved];
  };

  const finish = (socket, error) => {
    pushReceived(socket, true);
    if (socket.dRcv) return false;
    if (socket.dSnd && error === CLOSED) error = UNSENT_DATA;
    kill(socket);
    connections = connections.filter((other) => other !== socket);
    const hadError = error < 0 && error !== CLOSED;
    if (hadError) core.enqueue(socket, "error", [{ code: error, message: messages[error] || "unknown error" }]);
    if (!socket.endd) {
      socket.endd = true;
      core.enqueue(socket, "end", []);
    }
    core.enqueue(socket, "close", [hadError]);
    return true;
  };

  /** socketClientConnectionsIdle: one round; true when something moved, so that another round may be due. */
  const idle = () => {
    let busy = false;
    for (const socket of connections.slice()) {
      let closeNow = Boolean(socket.clsNow);
      let error = 0;
      if (socket.sckt !== undefined) {
        pushReceived(socket, false);
        if (!closeNow && socket.sckt !== undefined) {
          let moved;
          [error, closeNow, moved] = exchange(socket);
          busy = busy || moved;
        }
      }
      if (closeNow && finish(socket, error)) busy = true;
    }
    return busy;
  };

  Socket.prototype.write = function (data) {
    if (this.clsNow || this.cls) throw new Error("This socket is closed");
    this.dSnd = (this.dSnd || "") + String(data);
    host.wake();
    return false;
  };
  Socket.prototype.end = function (data) {
    if (data !== undefined) this.write(data);
    if (!this.dSnd) this.clsNow = true;
    this.cls = true;
    host.wake();
  };
  Socket.prototype.available = function () {
    return this["#buf"] === undefined ? 0 : this["#buf"].length;
  };
  Socket.prototype.read = function (count) {
    const buffer = this["#buf"] || "";
    if (!(count > 0) || count >= buffer.length) {
      delete this["#buf"];
      return buffer;
    }
    this["#buf"] = buffer.substring(count);
    return buffer.substring(0, count);
  };

  core.hidden(globalThis, "Socket", Socket);
  const net = {
    connect(options, callback) {
      if (typeof options === "string") {
        const parts = options.match(/^(?:[a-z]+:\/\/)?([^:/]+)(?::([0-9]+))?/);
        options = { host: parts ? parts[1] : "", port: parts && parts[2] ? Number(parts[2]) : 0 };
      }
      if (typeof options !== "object" || options === null) {
        throw new Error("Expecting Options to be an Object but it was " + typeof options);
      }
      if (callback !== undefined && typeof callback !== "function") {
        throw new Error("Expecting Callback Function but got " + typeof callback);
      }
      const socket = new Socket();
      if (callback) socket.on("connect", callback);
      connections.push(socket);
      const number = host.open(options.host === undefined ? "127.0.0.1" : String(options.host), options.port & 65535);
      if (typeof number === "string") {
        // It stays in the list of connections and is closed in the idle loop, as there.
        socket.clsNow = true;
        host.wake();
        throw new InternalError(number);
      }
      socket.sckt = number;
      return socket;
    },
  };
  core.modules.net = net;
  // The chip's TLS: the simulated network carries what is inside. Like the chip's, it verifies nobody.
  if (host.hasTls) core.modules.tls = { connect: net.connect };
  return { idle };
})
