/** `motelet/asserts`: a test that asserts nothing passes whatever the code does. */
import type { TSESLint, TSESTree } from "@typescript-eslint/utils";

const isTest = (node: TSESTree.CallExpression): boolean =>
  node.callee.type === "Identifier" && node.arguments.length === 2 && /Function/.test(node.arguments[1]!.type)
  && (node.callee.name === "test" || node.callee.name === "it");

/** Calls of `assert.x` and of functions whose names say that they check are taken for assertions. */
const ASSERTION = /^(assert|check|expect|verify|same|equal|is|throws|rejects|fails|agree)/i;

export const asserts: TSESLint.RuleModule<string, unknown[]> = {
  meta: {
    type: "problem",
    schema: [],
    messages: { none: "This test asserts nothing. Instead: call assert, or a helper whose name begins with check or assert." },
  },
  defaultOptions: [],
  create(context) {
    const open: { node: TSESTree.CallExpression; found: boolean }[] = [];
    return {
      CallExpression(node) {
        if (isTest(node)) {
          open.push({ node, found: false });
        }
        const callee = node.callee.type === "MemberExpression" ? node.callee.object : node.callee;
        const root = callee.type === "MemberExpression" ? callee.object : callee;
        const last = open.at(-1);
        if (last && root.type === "Identifier" && ASSERTION.test(root.name)) {
          last.found = true;
        }
      },
      "CallExpression:exit"(node: TSESTree.CallExpression) {
        if (open.at(-1)?.node === node && !open.pop()!.found) {
          context.report({ node: node.callee, messageId: "none" });
        }
      },
    };
  },
};
