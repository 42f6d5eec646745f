/*
 * Makes a fresh V8 context's built-ins those of Espruino: what the interpreter lacks is gone, so that its use
 * fails as it does on a board. The lists are what Espruino 2v29 answers for each name of V8. Runs inside the
 * context.
 */
(function (host) {
  "use strict";
  /** What Espruino has, by place. */
  const inEspruino = () => ({
    "globalThis": "Object Function Array ArrayBuffer Boolean DataView Date Error Float32Array Float64Array Infinity"
      + " Int16Array Int32Array Int8Array JSON Math NaN Number Promise ReferenceError RegExp String SyntaxError TypeError"
      + " Uint16Array Uint32Array Uint8Array Uint8ClampedArray decodeURIComponent encodeURIComponent eval globalThis"
      + " isFinite isNaN parseFloat parseInt undefined",
    "Object": "length prototype assign getOwnPropertyDescriptor getOwnPropertyDescriptors getOwnPropertyNames create"
      + " defineProperties defineProperty getPrototypeOf setPrototypeOf keys entries fromEntries values",
    "Array": "length prototype isArray",
    "String": "length prototype fromCharCode",
    "Number": "length prototype MAX_VALUE MIN_VALUE NaN NEGATIVE_INFINITY POSITIVE_INFINITY",
    "Date": "length prototype now parse",
    "Math": "abs acos asin atan atan2 ceil cos exp floor log max min pow random round sign sin sqrt tan"
      + " E LN10 LN2 LOG10E LOG2E PI SQRT1_2 SQRT2",
    "Array.prototype": "length constructor concat fill find findIndex pop push reverse shift unshift slice sort splice"
      + " includes indexOf join forEach filter map every some reduce toString",
    "String.prototype": "length constructor charAt charCodeAt concat endsWith includes indexOf lastIndexOf match padEnd"
      + " padStart repeat replace replaceAll slice split substr substring startsWith toString trim toLowerCase"
      + " toUpperCase valueOf",
    "Number.prototype": "constructor toFixed toString valueOf",
    "RegExp.prototype": "constructor exec source toString test flags global ignoreCase lastIndex hasIndices sticky"
      + " unicode unicodeSets multiline dotAll",
    "Function.prototype": "length constructor apply bind call toString",
    "Object.prototype": "constructor hasOwnProperty toString valueOf __proto__",
    "DataView.prototype": "constructor buffer byteLength byteOffset getInt8 setInt8 getUint8 setUint8 getInt16 setInt16"
      + " getUint16 setUint16 getInt32 setInt32 getUint32 setUint32 getFloat32 setFloat32 getFloat64 setFloat64",
    "ArrayBuffer.prototype": "constructor byteLength",
    "TypedArray.prototype": "constructor buffer byteLength byteOffset length every fill filter find findIndex forEach"
      + " includes indexOf join map reverse reduce set slice some sort subarray toString",
  });
  const keep = inEspruino();
  const places = {
    globalThis, Object, Array, String, Number, Date, Math,
    "Array.prototype": Array.prototype, "String.prototype": String.prototype, "Number.prototype": Number.prototype,
    "RegExp.prototype": RegExp.prototype, "Function.prototype": Function.prototype,
    "Object.prototype": Object.prototype, "DataView.prototype": DataView.prototype,
    "ArrayBuffer.prototype": ArrayBuffer.prototype,
    "TypedArray.prototype": Object.getPrototypeOf(Uint8Array.prototype),
  };
  const RealDate = Date;
  const own = Object.getOwnPropertyNames;
  const define = Object.defineProperty;
  const getOwn = Object.getOwnPropertyDescriptor;
  const construct = Reflect.construct;
  const trunc = Math.floor;
  for (const name in keep) {
    const kept = keep[name].split(" ");
    for (const key of own(places[name])) {
      // Symbols stay: the language itself uses them (for...of), though firmware cannot name them.
      if (kept.indexOf(key) < 0 && getOwn(places[name], key).configurable) delete places[name][key];
    }
  }
  define(globalThis, "global", { value: globalThis, writable: true, configurable: true });

  const fromCharCode = String.fromCharCode;
  // A char is a byte there.
  String.fromCharCode = function () {
    let text = "";
    for (let i = 0; i < arguments.length; i++) text += fromCharCode(arguments[i] & 255);
    return text;
  };
  Math.random = () => host.random();
  // Rounds halves of negative numbers away from zero there: (JsVarInt)(x<0 ? x-0.5 : x+0.5).
  Math.round = (x) => {
    x = +x;
    return x !== x || x - x !== 0 ? x : x < 0 ? -trunc(0.5 - x) : trunc(x + 0.5);
  };
  const typedSlice = places["TypedArray.prototype"].slice;
  const arraySlice = Array.prototype.slice;
  // Gives an Array there.
  places["TypedArray.prototype"].slice = function (from, to) {
    return arraySlice.call(typedSlice.call(this, from, to));
  };

  // Some constants of V8's Number cannot be deleted.
  const RealNumber = Number;
  const number = function Number(value) {
    return arguments.length === 0 ? 0 : RealNumber(value);
  };
  for (const key of keep.Number.split(" ")) {
    if (key !== "length") number[key] = RealNumber[key];
  }
  number.prototype.constructor = number;
  define(globalThis, "Number", { value: number, writable: true, configurable: true });

  function Date(a, b, c, d, e, f, g) {
    const count = arguments.length;
    if (!new.target) return String(new RealDate(host.time() * 1000));
    if (count === 0) return construct(RealDate, [host.time() * 1000], new.target);
    return construct(RealDate, count === 1 ? [a] : [a, b, c || 1, d || 0, e || 0, f || 0, g || 0], new.target);
  }
  Date.prototype = RealDate.prototype;
  Date.prototype.constructor = Date;
  Date.now = () => host.time() * 1000;
  Date.parse = RealDate.parse;
  define(globalThis, "Date", { value: Date, writable: true, configurable: true });

  class InternalError extends Error {}
  define(InternalError.prototype, "name", { value: "InternalError" });
  define(globalThis, "InternalError", { value: InternalError, writable: true, configurable: true });
})
