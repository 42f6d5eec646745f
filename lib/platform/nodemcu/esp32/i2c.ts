/** I2C of the ESP32: commands are collected, and the hardware runs them. Firmware module: i2c. */
import type { I2cTransfer, Pin } from "../../types.ts";
import { i2c as bus, select } from "../api.ts";

/** Sets up bus `id` (i2c.HW0: 1, i2c.HW1: 2) on two pins and returns its transfer function. */
export const i2c = (id: number, sda: Pin, scl: Pin, bitrate: number): I2cTransfer => {
  bus.setup(id, sda as unknown as number, scl as unknown as number, bitrate);
  return (address, bytes, count) => {
    if (bytes !== "" || count < 1) {
      bus.start(id);
      bus.address(id, address, bus.TRANSMITTER);
      if (bytes !== "") {
        bus.write(id, bytes);
      }
    }
    if (count > 0) {
      bus.start(id);
      bus.address(id, address, bus.RECEIVER);
      bus.read(id, count);
    }
    bus.stop(id);
    return count > 0 ? bus.transfer(id) : select<boolean>(2, bus.transfer(id)) ? "" : undefined;
  };
};
