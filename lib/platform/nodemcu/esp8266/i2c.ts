/** I2C of the ESP8266: a bus in software, each step answers at once. Firmware module: i2c. */
import type { I2cTransfer, Pin } from "../../types.ts";
import { i2c as bus } from "../api.ts";

/** Sets up bus `id` on two pins and returns its transfer function. */
export const i2c = (id: number, sda: Pin, scl: Pin, bitrate: number): I2cTransfer => {
  bus.setup(id, sda as unknown as number, scl as unknown as number, bitrate);
  return (address, bytes, count) => {
    let result: string | undefined = "";
    if (bytes !== "" || count < 1) {
      bus.start(id);
      if (!bus.address(id, address, bus.TRANSMITTER) || (bytes !== "" && bus.write(id, bytes) < bytes.length)) {
        result = undefined;
      }
    }
    if (result !== undefined && count > 0) {
      bus.start(id);
      result = bus.address(id, address, bus.RECEIVER) ? bus.read(id, count) : undefined;
    }
    bus.stop(id);
    return result;
  };
};
