/*
 * The Storage module of Espruino (src/jswrap_storage.c of 2v29) on `host.flash`, a Map of binary strings that
 * outlives a reset, and Promise as the interpreter's (jswrap_promise.c: handlers run in the idle loop). Runs
 * inside the context.
 */
(function (host, core) {
  "use strict";
  const MAX_NAME = 28;
  const HEADER = 32;
  const nameOf = (name) => {
    const text = String(name);
    if (text === "" || text.length > MAX_NAME) throw new Error("Invalid file name: 1 to " + MAX_NAME + " characters");
    return text;
  };
  const aligned = (count) => (count + 3) & ~3;
  const used = () => {
    let sum = 0;
    host.flash.forEach((data) => { sum += HEADER + aligned(data.length); });
    return sum;
  };
  const Storage = {
    read(name, offset, length) {
      const data = host.flash.get(nameOf(name));
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
      const key = nameOf(name);
      const plain = data !== null && typeof data === "object" && data.byteLength === undefined && !Array.isArray(data);
      const text = plain ? JSON.stringify(data) : E.toString(data);
      const at = offset > 0 ? offset : 0;
      const old = host.flash.get(key);
      if (at > 0 || size > 0) {
        const whole = size > 0 && at === 0 ? size : old === undefined ? 0 : old.length;
        if (at + text.length > whole) throw new Error("Too much data for file size");
        const base = size > 0 && at === 0 ? "\xff".repeat(whole) : old;
        host.flash.set(key, base.substring(0, at) + text + base.substring(at + text.length));
        return true;
      }
      const grown = used() - (old === undefined ? 0 : HEADER + aligned(old.length)) + HEADER + aligned(text.length);
      if (grown > host.flashBytes) return false;
      host.flash.set(key, text);
      return true;
    },
    writeJSON(name, data) {
      return Storage.write(name, JSON.stringify(data));
    },
    erase(name) { host.flash.delete(nameOf(name)); },
    eraseAll() { host.flash.clear(); },
    compact() {},
    list(pattern) {
      const names = [];
      host.flash.forEach((data, name) => names.push(name));
      return pattern === undefined ? names : names.filter((name) => name.match(pattern));
    },
    getFree: () => host.flashBytes - used(),
    getStats: () => ({ totalBytes: host.flashBytes, freeBytes: host.flashBytes - used(), fileBytes: used(),
      fileCount: host.flash.size, trashBytes: 0, trashCount: 0 }),
  };
  core.modules.Storage = Storage;
  core.hidden(E, "setBootCode", (code, always) => {
    host.flash.delete(".bootcde");
    host.flash.delete(".bootrst");
    if (code !== undefined && code !== "") host.flash.set(always ? ".bootrst" : ".bootcde", String(code));
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
