/** The flash page's own element, for the board that is simulated: it flashes a real one. */
import type { BoardInfo } from "../../protocol.ts";
import { h } from "../dom.ts";
import type { Pane } from "./pane.ts";

type Jobs = object[] | { trouble: string };

export function createFlash(board: BoardInfo): Pane {
  const place = h("div", {});
  const element = h("div.narrow", {},
    h("h2", {}, `Flash a real ${board.hardware}`),
    h("p.note", {}, "From this browser, by USB or Bluetooth, with what is simulated here. Nothing is called done before the chip has "
      + "confirmed the checksum and started the node."), place);
  let isThere = false;
  const open = async (): Promise<void> => {
    place.replaceChildren(h("p.note", { role: "status" }, "Building the firmware ..."));
    try {
      const jobs = await (await fetch("flash/jobs.json")).json() as Jobs;
      if (!Array.isArray(jobs)) {
        const again = h("button", { type: "button", onclick: () => void open() }, "Try again");
        place.replaceChildren(h("p.trouble", { role: "status" }, jobs.trouble), again);
        return;
      }
      // Its program comes when it is asked for: most pages never do.
      await import(new URL("flash/app.js", location.href).href);
      place.replaceChildren(Object.assign(document.createElement("motelet-flash"), { jobs }));
    } catch (error) {
      isThere = false;
      place.replaceChildren(h("p.trouble", { role: "status" }, `The flash page cannot be loaded: ${(error as Error).message}`));
    }
  };
  return {
    id: "flash", title: "Flash", element,
    show() {
      if (isThere) return;
      isThere = true;
      void open();
    },
  };
}
