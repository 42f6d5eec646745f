/** Our own ESLint rules: `portable/<ban>` for each row of subset.ts, `motelet/layers`, `motelet/asserts`. */
import type { TSESLint, TSESTree } from "@typescript-eslint/utils";
import { asserts } from "./asserts.ts";
import { checks } from "./checks.ts";
import { layers } from "./layers.ts";
import { bans, messageOf, type BanName, type Runtime } from "./subset.ts";

/**
 * `meta` of a driver or a filter is for the host: the bundler drops it, so it may use all of JavaScript. Its type
 * likewise, and what it imports from lib/drivers/host.
 */
const isForHost = (node: TSESTree.Node, context: Readonly<TSESLint.RuleContext<string, unknown[]>>): boolean => {
  const path = context.sourceCode.getAncestors(node);
  return /[\\/]lib[\\/]drivers[\\/]host[\\/]/.test(context.filename) || /[\\/]lib[\\/](drivers|filters)[\\/]/.test(context.filename) && path.some((n) =>
    (n.type === "VariableDeclarator" && n.id.type === "Identifier" && n.id.name === "meta"
      && n.parent.parent.type === "ExportNamedDeclaration")
    || (n.type === "TSInterfaceDeclaration" && /^(Driver|Filter)Meta$/.test(n.id.name)));
};

const ruleOf = (name: BanName): TSESLint.RuleModule<string, unknown[]> => ({
  meta: {
    type: "problem",
    schema: [{ type: "array", items: { type: "string", enum: ["espruino", "lua"] } }],
    messages: { banned: `{{ detail }}${messageOf(bans[name])}` },
  },
  defaultOptions: [["espruino", "lua"]],
  create(context) {
    const runtimes = (context.options[0] ?? ["espruino", "lua"]) as Runtime[];
    const report = (node: TSESTree.Node, detail?: string): void => {
      if (!isForHost(node, context)) {
        context.report({ node, messageId: "banned", data: { detail: detail === undefined ? "" : `${detail}: ` } });
      }
    };
    const { selector } = bans[name];
    return selector === undefined
      ? checks[name]!(context, report, runtimes)
      : { [selector]: (n: TSESTree.Node) => report(n) };
  },
});

const names = Object.keys(bans) as BanName[];

export const portable = { rules: Object.fromEntries(names.map((name) => [name, ruleOf(name)])) };
export const motelet = { rules: { asserts, layers } };

/** The rules for code that has to run on all of `runtimes`; in lib/platform a chip's errors may be caught. */
export const portableRules = (runtimes: readonly Runtime[], place: "platform" | "anywhere"): Record<string, unknown> =>
  Object.fromEntries(names
    .filter((name) => bans[name].for.some((runtime) => runtimes.includes(runtime)))
    .filter((name) => !(place === "platform" && bans[name].allowedInPlatform))
    .map((name) => [`portable/${name}`, ["error", runtimes]]));
