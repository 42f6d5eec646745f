/** The text of a generated entry: literals, imports. */
import { field } from "../../lib/mqtt/packet.ts";

/** Text as bytes: UTF-8 in a binary string. */
export const utf8 = (text: string): string => Buffer.from(text, "utf8").toString("latin1");

/** A binary string as a literal: printable ASCII as it is, the rest as \xNN. */
export const literal = (bytes: string): string =>
  `"${bytes.replace(/[^ !#-[\]-~]/g, (c) => `\\x${c.charCodeAt(0).toString(16).padStart(2, "0")}`)}"`;

export const value = (v: unknown): string =>
  typeof v === "string" ? literal(utf8(v)) : Array.isArray(v) ? `[${v.map(value).join(", ")}]` : String(v);

export const topicLiteral = (topic: string): string => literal(field(utf8(topic)));

/** How the device writes QoS and RETAIN: see `Publish` of lib/mqtt/client.ts. */
export const mode = (qos: number, retain: boolean): number => qos * 2 + (retain ? 1 : 0);

/** The imports of an entry, and what it declares of its chip. */
export class Imports {
  private readonly names = new Map<string, Set<string>>();
  readonly globals = new Map<string, string>();

  /** Notes an import and returns the local name. */
  use(module: string, name: string, local = name): string {
    const set = this.names.get(module) ?? new Set();
    this.names.set(module, set.add(local === name ? name : `${name} as ${local}`));
    return local;
  }

  /** Notes a module that is there for what it registers. */
  effect(module: string): void {
    if (!this.names.has(module)) this.names.set(module, new Set());
  }

  /** Notes how a name of the chip (pin, port) is declared, and returns it. */
  global(name: string, declaration: string): string {
    this.globals.set(name, declaration);
    return name;
  }

  toString(): string {
    const lines = [...this.names].sort(([a], [b]) => (a < b ? -1 : 1)).map(
      ([module, names]) => {
        const list = names.size > 0 ? `{ ${[...names].sort().join(", ")} } from ` : "";
        return `import ${list}"${module.startsWith("#") ? module : `motelet/${module}.ts`}";`;
      },
    );
    const globals = [...this.globals.values()].sort();
    return [...lines, ...(globals.length > 0 ? ["", ...globals] : [])].join("\n");
  }
}
