/*
 * Espruino's module Flash (src/jswrap_flash.c of 2v29) over `call`, as chip.js, which both engines load before it. On
 * the real interpreter it takes the place of the Linux build's own, whose flash is all Storage.
 */
(function (call, provide) {
  let place = function (address) {
    if (typeof address !== "number") throw new Error("Address should be an integer, got " + typeof address);
    return "" + address;
  };
  provide("Flash", {
    getPage: function (address) {
      let page = call("g", "" + address).split(",");
      return page.length < 2 ? undefined : { addr: parseInt(page[0]), length: parseInt(page[1]) };
    },
    getFree: function () {
      let area = call("G", "").split(",");
      return area.length < 2 ? [] : [{ addr: parseInt(area[0]), length: parseInt(area[1]) }];
    },
    erasePage: function (address) { call("e", place(address)); },
    write: function (data, address) {
      if (data === undefined) throw new Error("Data is not defined");
      call("F", address + "\0" + E.toString(data));
    },
    read: function (count, address) {
      return count > 0 ? E.toUint8Array(call("f", address + "\0" + count)) : undefined;
    },
  });
})
