// Which files of tests share a process, and in which order they begin: the whole run is to stay short.

/**
 * Files that run one after the other in one process: they load the same modules, and to compile for Lua takes three
 * times as long while the compiler is not warm. None of them may be disturbed by what another leaves in modules that
 * both import. A name that ends in a slash stands for what is in that folder and has no other place here.
 */
export const TOGETHER = [
  ["node/ranges", "node/part-faults"],
  ["node/node", "node/store", "node/totals", "node/sensors"],
  ["node/same", "node/filters", "node/links", "node/nodemcu"],
  ["mqtt/store/power", "mqtt/restarts", "mqtt/"],
  ["bench/"],
  ["platform/", "build/"],
  ["board/"],
  ["drivers/"],
  ["filters/"],
  ["simulator/"],
  // To try this with.
  ["lint/runner/"],
];

/** What computes longest, in this order: it begins first, so that nothing long runs alone at the end. */
export const LONG = [
  "lint/lint", "mqtt/faults", "node/ranges", "mqtt/store/power", "node/node", "node/same", "bench/", "mqtt/malformed",
  "platform/", "lint/chips", "board/", "simulator/",
];

/**
 * What mostly waits: for time that passes, brokers, browsers, commands that it starts. It runs beside what computes,
 * and before it where both want a core, so that it hears in time what it waits for.
 */
export const WAITING = [
  "flash/faults", "simulator/sim-command", "library/interop", "flash/web", "dashboard/page", "library/package", "flash/end-to-end",
  "node/engines", "flash/espruino", "library/docs", "lint/runner",
];

const nameOf = (file) => file.replace(/^test\//, "").replace(/\.(test|fixture)\.ts$/, "");

/** The files of each process, in the order in which they begin: of what computes, and of what waits. */
export const jobsOf = (files) => {
  const named = [...TOGETHER.flat(), ...LONG, ...WAITING];
  const left = new Set(files);
  const take = (name) => {
    const taken = [...left].filter((file) => {
      const own = nameOf(file);
      return own === name || (name.endsWith("/") && own.startsWith(name) && !named.includes(own));
    });
    taken.forEach((file) => left.delete(file));
    return taken;
  };
  const groups = TOGETHER.map((names) => ({ names, files: names.flatMap(take) }));
  // A group has its place where one of it is named first.
  const groupOf = (name) => groups.find((group) => group.names.includes(name));
  const jobs = (names) => names.map((name) => groupOf(name)?.files.splice(0) ?? take(name));
  const isThere = (job) => job.length > 0;
  const long = jobs(LONG).filter(isThere);
  const waiting = jobs(WAITING).filter(isThere);
  const others = [...groups.map((group) => group.files).filter(isThere), ...[...left].map((file) => [file])];
  return { computing: [...long, ...others], waiting };
};
