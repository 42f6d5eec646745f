/**
 * Rotary encoders, on Espruino: an interrupt at each edge of A notes the level of B at that moment, so that a bounce of
 * A goes forth and back and counts for nothing.
 */
import type { Pin, Quadrature } from "../types.ts";
import { watch } from "./watch.ts";

declare const pinMode: (pin: Pin, mode: string) => void;

/** An encoder on two pins. Edges of A are half of all edges: each counts for two. */
export const quadrature = (a: Pin, b: Pin, pullUp: boolean): Quadrature => {
  let quarters = 0;
  let turned: ((this: void) => void) | undefined;
  pinMode(b, pullUp ? "input_pullup" : "input");
  watch(a, pullUp, { repeat: true, edge: "both", data: b }, (edge) => {
    quarters += edge.state === edge.data ? -2 : 2;
    if (turned !== undefined) {
      turned();
    }
  });
  return {
    position: () => quarters,
    onTurn: (fn) => {
      turned = fn;
    },
  };
};
