/** What a build of the NodeMCU firmware needs: its modules, its numbers, room for the program in flash. */
import type { Board } from "../../board/types.ts";
import { chipFolder } from "./needs.ts";

/** Modules of the ESP32 branch that are built unless they are switched off (components/modules/Kconfig). */
const ESP32_DEFAULTS = ["file", "gpio", "http", "i2c", "net", "node", "ow", "pipe", "tmr", "uart", "wifi"];
/** Those of them that the firmware itself needs (components/lua/Kconfig). */
const ESP32_REQUIRED = ["pipe", "uart"];
/** Longest time of the watchdog of the tasks (CONFIG_ESP_TASK_WDT_TIMEOUT_S). */
const LONGEST_WATCHDOG_S = 60;

type Configuration = { file: string; text: string }[];

/** Files of the firmware's source tree, or what to add to them. */
export const configurationOf = (board: Board, modules: string[]): Configuration =>
  (chipFolder(board.hardware.chip) === "esp8266" ? esp8266(board, modules) : esp32(board, modules));

/** Branch `release`: app/include/user_modules.h as it is here, and lines for app/include/user_config.h. */
const esp8266 = ({ name, nodemcu, hardware, mqtt }: Board, modules: string[]): Configuration => {
  const lua = nodemcu!.lua;
  const flags = [
    ...(lua === "5.3" ? ["#define LUA_NUMBER_64BITS"] : []),
    ...(nodemcu!.lfs ? [`#define LUA_FLASH_STORE 0x${hardware.nodemcu!.lfsBytes.toString(16)}`] : []),
    ...(mqtt.link === "tls" || mqtt.link === "wss" ? ["#define CLIENT_SSL_ENABLE"] : []),
    ...(modules.includes("gpio") ? ["#define GPIO_INTERRUPT_ENABLE"] : []),
  ];
  return [
    {
      file: "user_modules.h",
      text: `/* NodeMCU, branch release: app/include/user_modules.h for the board "${name}". Build with: make LUA=${lua.replace(".", "")} */\n`
        + "#ifndef __USER_MODULES_H__\n#define __USER_MODULES_H__\n\n#ifndef LUA_CROSS_COMPILER\n"
        + `${modules.map((module) => `#define LUA_USE_MODULES_${module.toUpperCase()}\n`).join("")}`
        + "#endif\n\n#endif\n",
    },
    ...(flags.length === 0 ? [] : [{
      file: "user_config.add",
      text: `/* NodeMCU, branch release: these belong into app/include/user_config.h, in place of lines with the same names. */\n${
        flags.join("\n")}\n`,
    }]),
  ];
};

/** Branch `dev-esp32`: lines for sdkconfig.defaults. */
const esp32 = ({ name, nodemcu, watchdogMs }: Board, modules: string[]): Configuration => {
  const is53 = nodemcu!.lua === "5.3";
  const unwanted = ESP32_DEFAULTS.filter((module) => !modules.includes(module) && !ESP32_REQUIRED.includes(module));
  const seconds = Math.min(LONGEST_WATCHDOG_S, Math.ceil(watchdogMs / 1000));
  const lines = [
    `# NodeMCU, branch dev-esp32: add these to sdkconfig.defaults for the board "${name}".`,
    `CONFIG_LUA_VERSION_${is53 ? "53" : "51"}=y`,
    ...(is53 ? ["CONFIG_LUA_NUMBER_INT64=y", "CONFIG_LUA_NUMBER_DOUBLE=y"] : []),
    ...modules.map((module) => `CONFIG_NODEMCU_CMODULE_${module.toUpperCase()}=y`),
    ...unwanted.map((module) => `CONFIG_NODEMCU_CMODULE_${module.toUpperCase()}=n`),
    ...(seconds > 0 ? [`CONFIG_ESP_TASK_WDT_TIMEOUT_S=${seconds}`, "CONFIG_ESP_TASK_WDT_PANIC=y"] : []),
  ];
  return [{ file: "sdkconfig.add", text: `${lines.join("\n")}\n` }];
};
