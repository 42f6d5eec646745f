/** The engines that nodes of the rows run on: those of the one table. */
import type { SimulateOptions } from "../../../simulator/simulator.ts";
import { buildBoard, type Built } from "../board.ts";
import type { EngineChoice } from "../engine-table.ts";
import type { Plan } from "./pack.ts";

export { engines, type EngineChoice } from "../engine-table.ts";

/** How a plan runs on an engine. */
export const optionsFor = ({ name, options }: EngineChoice, { pace }: Plan): Partial<SimulateOptions> =>
  ({ engine: name, ...options, ...(options.speed === undefined ? {} : { speed: options.speed * pace }) });

/** The board of a plan, built for an engine. */
export const buildFor = (engine: EngineChoice, { board }: Plan): Promise<Built> =>
  buildBoard({ ...board, ...engine.board });
