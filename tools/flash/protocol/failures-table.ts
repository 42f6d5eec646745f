/**
 * All that can go wrong, as it is told: docs/flashing.md has this table, too, and a test compares them. `{name}` is
 * filled in.
 */

export interface FailureRow {
  /** Exit code of `motelet flash`. */
  exit: 1 | 2 | 3 | 4 | 5 | 6 | 7 | 130;
  message: string;
  advice: string;
}

const rows = {
  // 1: nothing was sent.
  secrets: {
    exit: 1,
    message: "this build of {name} holds invented secrets: it runs in the simulator alone",
    advice: "set them in the environment or in boards/secrets.json, and build again",
  },
  "no-config": {
    exit: 1,
    message: "flash.config.json does not say how {hardware} is flashed",
    advice: "add an entry for it, by that of a like hardware in Motelet's own flash.config.json",
  },
  "build-stale": {
    exit: 1,
    message: "{file} is not what its manifest describes",
    advice: "build it again: motelet build",
  },
  lfs: {
    exit: 1,
    message: "{name} keeps its code in the flash store of NodeMCU (LFS), which takes an image of luac.cross, not files",
    advice: "name the luac.cross of the firmware's build in flash.config.json (nodemcu.upload.luac) or by --luac, or give the image that you made by --lfs; a board of motelet sim takes --luac simulator/luac.js",
  },
  "lfs-luac": {
    exit: 1,
    message: "{luac} has made no image: {reason}",
    advice: "it has to be the luac.cross that the build of the board's NodeMCU has left; correct nodemcu.upload.luac in flash.config.json, or --luac",
  },
  "no-image": {
    exit: 1,
    message: "Motelet does not write the interpreter of this hardware",
    advice: "use the updater of its maker, and flash without --image",
  },
  "image-missing": {
    exit: 1,
    message: "there is no image {file}",
    advice: "give the folder of the unpacked firmware by --images, or the paths in flash.config.json; in the browser, choose the file",
  },
  "image-sha256": {
    exit: 1,
    message: "{file} is not the image that flash.config.json names: its SHA-256 is {found}, not {wanted}",
    advice: "download it again, or correct the sha256",
  },
  // 2: the port.
  "port-none": {
    exit: 2,
    message: "there is no serial port",
    advice: "plug the board in with a cable that carries data (many only charge), and see that the driver of its USB chip is installed; or name the port by --port",
  },
  "port-several": {
    exit: 2,
    message: "there are several ports and none is the one for certain: {ports}",
    advice: "choose one by --port",
  },
  "port-unknown": {
    exit: 2,
    message: "there is no port {port}",
    advice: "there are: {ports}",
  },
  "port-denied": {
    exit: 2,
    message: "you may not open {port}",
    advice: "sudo usermod -aG {group} $USER, then log out and in again",
  },
  "port-busy": {
    exit: 2,
    message: "another program has {port} open",
    advice: "close it (a serial monitor, an IDE, another motelet), and try again",
  },
  "port-failed": {
    exit: 2,
    message: "{port} cannot be opened: {reason}",
    advice: "unplug the board and plug it in again",
  },
  "tcp-failed": {
    exit: 2,
    message: "no connection to {port}: {reason}",
    advice: "is the board (or motelet sim --console) there, and is the address right?",
  },
  "serialport-missing": {
    exit: 2,
    message: "serial ports need the package serialport, which cannot be loaded: {reason}",
    advice: "npm install serialport; a port of tcp://host:port needs none",
  },
  // 3: no conversation.
  silent: {
    exit: 3,
    message: "{port} is silent: nothing came back in {seconds} s",
    advice: "see that it is the right port and the board has power, press its reset button, try again; a chip without {firmware} needs its image first: --image",
  },
  noise: {
    exit: 3,
    message: "what {port} sends is no text: {sample}",
    advice: "the speed is another one, most likely: try --baud 9600, 74880 or 115200",
  },
  unanswered: {
    exit: 3,
    message: "{port} sends text, but no prompt of {firmware} answers there: {sample}",
    advice: "press the reset button and try again; another firmware needs the image of {firmware} first: --image",
  },
  "in-loader": {
    exit: 3,
    message: "the chip on {port} waits in its loader for an image",
    advice: "release BOOT (GPIO0) and press reset; or write the image by --image",
  },
  password: {
    exit: 3,
    message: "the console of the board is locked by a password",
    advice: "unlock it in `motelet console`, call E.setPassword() there, and flash again",
  },
  // 4: another board.
  "other-firmware": {
    exit: 4,
    message: "{found} answers on {port}, and the board file is for {firmware}",
    advice: "choose another port, correct \"target\" in the board file, or write the image by --image",
  },
  "wrong-chip": {
    exit: 4,
    message: "the board is {found}, and the board file is for {hardware} ({wanted})",
    advice: "choose another port by --port, or correct \"hardware\" in the board file",
  },
  "old-version": {
    exit: 4,
    message: "{firmware} on the board is {found}, and the node needs {wanted} or newer: {reason}",
    advice: "write a newer image by --image",
  },
  lacking: {
    exit: 4,
    message: "the firmware of the board lacks what is needed: {what}",
    advice: "write an image of {firmware} that has it by --image",
  },
  "saved-image": {
    exit: 4,
    message: "the board holds a program that save() stored, which would run beside the node",
    advice: "remove it: --erase, or require(\"Storage\").erase(\".varimg\") in `motelet console`",
  },
  // 5: the upload; the board keeps what it had.
  full: {
    exit: 5,
    message: "the flash of the board has {free} bytes free, and {needed} are needed",
    advice: "remove files in `motelet console`, or all of them by --erase (its previous firmware, too)",
  },
  refused: {
    exit: 5,
    message: "the board could not do it ({doing}): {reason}",
    advice: "press the reset button and try again; --erase begins with an empty flash",
  },
  "no-reply": {
    exit: 5,
    message: "the board has stopped answering ({doing})",
    advice: "see that the cable is short and the supply is strong, press the reset button, try again; --baud takes a lower speed",
  },
  checksum: {
    exit: 5,
    message: "the checksum that the board computed is {found} and not {wanted}, {times} times",
    advice: "the flash of the chip may be worn: --erase begins with an empty one",
  },
  restarts: {
    exit: 5,
    message: "the board restarted in the middle of the upload, {times} times",
    advice: "its supply is too weak, most likely: use another USB port, hub or cable",
  },
  closed: {
    exit: 5,
    message: "the connection has ended ({doing}): {reason}",
    advice: "plug the cable in again and repeat the command",
  },
  "image-connect": {
    exit: 5,
    message: "the chip is not in its loader: {reason}",
    advice: "hold BOOT (GPIO0), press and release reset (EN), release BOOT, and try again; a slower --baud helps with long cables",
  },
  "image-chip": {
    exit: 4,
    message: "the chip is {found}, and the image is for {wanted}",
    advice: "choose another port by --port, or correct \"hardware\" in the board file",
  },
  "image-failed": {
    exit: 7,
    message: "the image was not written: {reason}",
    advice: "repeat the command: the loader of the chip cannot be lost",
  },
  // 6: the new firmware is no good; the previous one is back.
  "boot-silent": {
    exit: 6,
    message: "the new firmware did not say \"{banner}\" within {seconds} s",
    advice: "run it in the simulator, and look at its start in `motelet console`",
  },
  "boot-error": {
    exit: 6,
    message: "the new firmware failed at its start: {line}",
    advice: "run it in the simulator, on the engine of the real interpreter, too",
  },
  "boot-loop": {
    exit: 6,
    message: "the new firmware restarts again and again",
    advice: "look at its start in `motelet console`: a supply that is too weak for Wi-Fi does this, too",
  },
  "boot-undone": {
    exit: 6,
    message: "the board has gone back to its previous firmware by itself: the new one did not last",
    advice: "run it in the simulator, and look at its start in `motelet console`",
  },
  // 7: not certain.
  "closed-switching": {
    exit: 7,
    message: "the connection has ended while the board was switching to the new firmware: {reason}",
    advice: "plug the cable in again and flash again; in mode \"storage\" a firmware that nobody confirmed is gone with the next start",
  },
  "rollback-failed": {
    exit: 7,
    message: "{failed}; then the board could not be put back: {reason}",
    advice: "switch it off and on: in mode \"storage\" it then runs its previous firmware; flash again",
  },
  unconfirmed: {
    exit: 7,
    message: "the new firmware runs, but the board could not be told to keep it: {reason}",
    advice: "flash again: in mode \"storage\" its previous firmware comes back with the next start",
  },
  // By the user.
  interrupted: {
    exit: 130,
    message: "interrupted ({doing})",
    advice: "repeat the command",
  },
} satisfies Record<string, FailureRow>;

export type FailureCode = keyof typeof rows;

export const FAILURES: Record<FailureCode, FailureRow> = rows;
