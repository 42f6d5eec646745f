/*
 * The Storage module of Espruino (src/jswrap_storage.c of 2v29) on `host.storage` (storage.ts), and Promise as the
 * interpreter's (jswrap_promise.c: handlers run in the idle loop). Runs inside the context.
 */
(function (host, core) {
  "use strict";
  const MAX_NAME = 28;
  const storage = host.storage;
  const nameOf = (name) => {
    const text = String(name);
    if (text === "" || text.length > MAX_NAME) throw new Error("Invalid file name: 1 to " + MAX_NAME + " characters");
    return text;
  };
  const write = (name, text, offset, size) => {
    const result = storage.write(nameOf(name), text, offset > 0 ? +offset : 0, size > 0 ? +size : 0);
    if (result !== true) throw new Error(result);
    return true;
  };
  const Storage = {
    read(name, offset, length) {
      const data = storage.read(nameOf(name));
      if (data === undefined) return undefined;
      const from = offset > 0 ? offset : 0;
      return data.substring(from, length > 0 ? from + length : data.length);
    },
    readJSON(name, quiet) {
      const data = Storage.read(name);
      if (data === undefined) return undefined;
      try {
        return JSON.parse(data);
      } catch (error) {
        if (quiet) return undefined;
        throw error;
      }
    },
    readArrayBuffer(name) {
      const data = Storage.read(name);
      return data === undefined ? undefined : E.toArrayBuffer(data);
    },
    write(name, data, offset, size) {
      const plain = data !== null && typeof data === "object" && data.byteLength === undefined && !Array.isArray(data);
      return plain ? write(name, JSON.stringify(data), 0, 0) : write(name, E.toString(data), offset, size);
    },
    writeJSON(name, data) {
      return write(name, JSON.stringify(data), 0, 0);
    },
    erase(name) { storage.erase(nameOf(name)); },
    eraseAll() { storage.eraseAll(); },
    compact() { storage.compact(); },
    list(pattern) {
      const names = [];
      for (const name of storage.list()) if (pattern === undefined || name.match(pattern)) names.push(name);
      return names;
    },
    getFree: () => storage.stats().free,
    getStats: () => {
      const { free, files, fileBytes, trash, trashBytes } = storage.stats();
      return { totalBytes: storage.totalBytes, freeBytes: free, fileBytes, fileCount: files, trashBytes,
        trashCount: trash };
    },
  };
  core.modules.Storage = Storage;
  core.hidden(E, "setBootCode", (code, always) => {
    storage.erase(".bootcde");
    storage.erase(".bootrst");
    if (code !== undefined && code !== "") write(always ? ".bootrst" : ".bootcde", E.toString(code), 0, 0);
  });

  // ---- Promise
  function Promise(executor) {
    core.hidden(this, "#state", undefined);
    core.hidden(this, "#waiting", []);
    core.hidden(this, "#handled", false);
    const once = (fn) => {
      let done = false;
      return (value) => {
        if (done) return;
        done = true;
        fn(value);
      };
    };
    const settle = (kind) => (value) => {
      this["#state"] = [kind, value];
      core.later(flush, [this]);
    };
    const reject = settle("reject");
    const resolve = (value) => {
      if (value instanceof Promise || (value && typeof value.then === "function")) value.then(resolve, reject);
      else settle("resolve")(value);
    };
    if (executor) {
      try {
        executor(once(resolve), once(reject));
      } catch (error) {
        reject(error);
      }
    }
  }
  const flush = (promise) => {
    const [kind, value] = promise["#state"];
    const waiting = promise["#waiting"].splice(0);
    if (kind === "reject" && waiting.length === 0 && !promise["#handled"]) {
      core.report(new Error("Unhandled promise rejection: " + value));
    }
    for (const entry of waiting) entry[kind](value);
  };
  Promise.prototype.then = function (good, bad) {
    const next = new Promise();
    const handler = (fn, otherwise) => (value) => {
      try {
        const result = typeof fn === "function" ? fn(value) : otherwise === "reject" ? undefined : value;
        if (typeof fn !== "function" && otherwise === "reject") settleNext("reject", value);
        else if (result && typeof result.then === "function") {
          result.then((v) => settleNext("resolve", v), (e) => settleNext("reject", e));
        } else settleNext("resolve", result);
      } catch (error) {
        settleNext("reject", error);
      }
    };
    const settleNext = (kind, value) => {
      next["#state"] = [kind, value];
      flush(next);
    };
    this["#waiting"].push({ resolve: handler(good), reject: handler(bad, "reject") });
    this["#handled"] = true;
    if (this["#state"]) core.later(flush, [this]);
    host.wake();
    return next;
  };
  Promise.prototype["catch"] = function (bad) {
    return this.then(undefined, bad);
  };
  Promise.resolve = (value) => new Promise((resolve) => resolve(value));
  Promise.reject = (error) => new Promise((resolve, reject) => reject(error));
  Promise.all = (list) => new Promise((resolve, reject) => {
    const results = [];
    let left = list.length;
    if (left === 0) resolve(results);
    list.forEach((item, at) => Promise.resolve(item).then((value) => {
      results[at] = value;
      if (--left === 0) resolve(results);
    }, reject));
  });
  core.hidden(globalThis, "Promise", Promise);
})
