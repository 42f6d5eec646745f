/*
 * Runs in the interpreter, and makes clients for the tests (espruino.ts). Strings go in two named pipes, each after its
 * length in 8 digits. A request is an expression, or "=" and the value that answers ours, or "!" and the message of an
 * exception. We say, as JSON: ["r", value], ["e", message], or ["c", client, function, ...arguments] to call the test.
 */
(function () {
  const down = E.openFile("down", "r");
  const up = E.openFile("up", "w");
  // By number of the client, modulo CLIENTS; by number of the text: what makes clients.
  const CLIENTS = 16;
  const FUNCTIONS = 64;
  const clients = [];
  const given = [];
  const counts = [];
  const texts = [];
  const send = function (text) {
    up.write(("0000000" + text.length).substr(-8) + text);
  };
  // A value as JSON can say it: a function by its number, what the test has given to hold by its own.
  const plain = function (value, n) {
    if (typeof value === "function") {
      let known = given[n].indexOf(value);
      if (known < 0) {
        known = counts[n] % FUNCTIONS;
        given[n][known] = value;
        counts[n]++;
      }
      return { $f: counts[n] - 1 - (counts[n] - 1 - known) % FUNCTIONS };
    }
    if (typeof value === "number" && value % 1 !== 0) return { $n: E.toString(new Float64Array([value]).buffer) };
    if (typeof value !== "object" || value === null) return value;
    if (value.$o !== undefined) return { $o: value.$o };
    if (value instanceof Error) return "" + value;
    if (Array.isArray(value)) return value.map(function (item) { return plain(item, n); });
    const copy = {};
    Object.keys(value).forEach(function (key) { copy[key] = plain(value[key], n); });
    return copy;
  };
  // A number by the bytes of a double.
  const fraction = function (bytes) { return new Float64Array(E.toUint8Array(bytes).buffer)[0]; };
  // Does what the test asks for, until it answers.
  const serve = function () {
    for (;;) {
      const head = down.read(8);
      if (head === undefined || head.length < 8) {
        // The test is gone.
        quit();
        throw new Error("end of requests");
      }
      const text = down.read(parseInt(head, 10));
      const sort = text[0];
      if (sort === "=") return eval("(" + text.substr(1) + ")");
      if (sort === "!") throw new Error(text.substr(1));
      let reply;
      try {
        reply = JSON.stringify(["r", eval(text)]);
      } catch (e) {
        reply = JSON.stringify(["e", "" + e]);
      }
      send(reply);
    }
  };
  // A function of the test.
  const host = function (n, id) {
    return function () {
      const list = ["c", n, id];
      for (let i = 0; i < arguments.length; i++) list.push(plain(arguments[i], n % CLIENTS));
      send(JSON.stringify(list));
      return serve();
    };
  };
  // Called by requests.
  const make = function (n, text, platform, math) {
    const at = n % CLIENTS;
    given[at] = [];
    counts[at] = 0;
    clients[at] = undefined;
    clients[at] = texts[text](platform, math);
  };
  const shape = function (n) {
    const client = clients[n % CLIENTS];
    return Object.keys(client).map(function (name) {
      return [name].concat(Object.keys(client[name]).map(function (key) {
        return (typeof client[name][key] === "function" ? "f" : "v") + key;
      }));
    });
  };
  send("ready");
  serve();
})();
