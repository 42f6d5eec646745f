/** The type checks of the repository, and what is linted with which. */

export interface Project {
  /** File of the options. */
  config: string;
  /** What ESLint asks this one about; of several that fit the last. */
  files: string[];
}

export const PROJECTS: readonly Project[] = [
  { config: "tsconfig.json", files: ["**/*.ts"] },
  // Programs of pages: they have a browser's API, and nothing of Node.
  { config: "tsconfig.web.json", files: ["tools/dashboard/web/**/*.ts"] },
  // They ask for concerns of a chip that Node has no version of.
  { config: "tsconfig.espruino.json", files: ["lib/platform/espruino/**/*.ts", "firmware/**/*.ts"] },
  { config: "tsconfig.esp8266.json", files: ["lib/platform/nodemcu/**/*.ts"] },
  { config: "tsconfig.esp32.json", files: ["lib/platform/nodemcu/esp32/**/*.ts"] },
];

const [host, ...others] = PROJECTS as [Project, ...Project[]];
const ofOthers = others.flatMap(({ files }) => files);

/** The work by parts that can be done side by side: together all projects, and all files. */
export const PARTS = {
  host: { projects: [host], files: ["."], ignores: ofOthers },
  chips: { projects: others, files: ofOthers, ignores: [] },
} satisfies Record<string, { projects: Project[]; files: string[]; ignores: string[] }>;

export type Part = keyof typeof PARTS;
