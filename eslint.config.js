// The one linter and formatter. What is ours, the portable subset above all, is in tools/lint.
import stylistic from "@stylistic/eslint-plugin";
import tseslint from "typescript-eslint";
import "./bin/typescript.js";

const { motelet, portable, portableRules } = await import("./tools/lint/plugin.ts");
const { PROJECTS } = await import("./tools/lint/projects.ts");

const TYPESCRIPT = ["**/*.ts"];
const BOTH_TARGETS = ["lib/{mqtt,link,drivers,filters}/**/*.ts", "lib/platform/types.ts", "firmware/**/*.ts"];

/**
 * On a board 0 and "" are as true as Lua finds them: conditions are booleans, or objects that may be missing.
 */
const BOOLEANS = ["error", { allowString: false, allowNumber: false, allowNullableObject: true }];

const FORMAT = stylistic.configs.customize({
  indent: 2, quotes: "double", semi: true, jsx: false, braceStyle: "1tbs", arrowParens: true,
  commaDangle: "always-multiline",
});

export default [
  { ignores: ["tools/flash/web/packed.js", "dist/**", "node_modules/**", "examples/**/dist/**"] },
  { linterOptions: { reportUnusedDisableDirectives: "error" } },

  // Format.
  {
    ...FORMAT,
    rules: {
      ...FORMAT.rules,
      // 110 is the aim (.editorconfig); a line with a sentence for people in it may be as long as the sentence.
      "@stylistic/max-len": ["error", {
        code: 120, ignoreUrls: true, ignoreStrings: true, ignoreTemplateLiterals: true, ignoreRegExpLiterals: true,
      }],
      // These fight code that reads well: several short members in one line, a ? b : c over lines.
      "@stylistic/max-statements-per-line": "off",
      "@stylistic/multiline-ternary": "off",
      "@stylistic/member-delimiter-style": ["error", { singleline: { delimiter: "semi", requireLast: false } }],
      "@stylistic/quote-props": ["error", "as-needed"],
      "@stylistic/operator-linebreak": ["error", "before", { overrides: { "=": "after" } }],
      "@stylistic/indent": ["error", 2, { SwitchCase: 1 }],
      "@stylistic/indent-binary-ops": "off",
      "@stylistic/no-mixed-operators": "off",
      "@stylistic/quotes": ["error", "double", { avoidEscape: true, allowTemplateLiterals: "always" }],
      // Tables in one-line objects are aligned by hand now and then.
      "@stylistic/no-multi-spaces": ["error", {
        exceptions: { Property: true, ArrayExpression: true }, ignoreEOLComments: true,
      }],
    },
  },

  // All code.
  {
    rules: {
      "array-callback-return": "error", "constructor-super": "error", curly: ["error", "multi-line"],
      eqeqeq: ["error", "always"], "for-direction": "error", "no-constant-binary-expression": "error",
      "no-control-regex": "off", "no-debugger": "error", "no-dupe-else-if": "error",
      "no-empty": ["error", { allowEmptyCatch: true }], "no-fallthrough": "error", "no-loss-of-precision": "error",
      "no-self-assign": "error", "no-sparse-arrays": "error", "no-template-curly-in-string": "off",
      "no-unreachable": "error", "no-unsafe-finally": "error",
      "no-useless-escape": "error", "no-var": "error", "prefer-const": "error", "use-isnan": "error",
    },
  },

  // All TypeScript, with types.
  ...tseslint.configs.recommendedTypeChecked.map((config) => ({ ...config, files: TYPESCRIPT })),
  {
    files: TYPESCRIPT,
    plugins: { motelet, portable },
    rules: {
      "motelet/layers": "error",
      "@typescript-eslint/explicit-module-boundary-types": "error",
      "@typescript-eslint/no-unused-vars": ["error", {
        argsIgnorePattern: "^_", varsIgnorePattern: "^_", caughtErrors: "none", ignoreRestSiblings: true,
      }],
      "@typescript-eslint/require-await": "off",
      // node.type === "Identifier" is how ESLint's own tree is read.
      "@typescript-eslint/no-unsafe-enum-comparison": "off",
      "@typescript-eslint/restrict-template-expressions": ["error", { allowNumber: true, allowBoolean: true }],
      // An index that was just tested for, and noUncheckedIndexedAccess, need `!`.
      "@typescript-eslint/no-non-null-assertion": "off",
    },
  },

  // Where the types come from.
  ...PROJECTS.map(({ config, files }) => (
    { files, languageOptions: { parserOptions: { project: config, tsconfigRootDir: import.meta.dirname } } })),

  // Code that reaches a board.
  {
    files: BOTH_TARGETS,
    rules: {
      ...portableRules(["espruino", "lua"], "anywhere"),
      "@typescript-eslint/strict-boolean-expressions": BOOLEANS,
    },
  },
  {
    files: ["lib/platform/espruino/**/*.ts"],
    rules: portableRules(["espruino"], "platform"),
  },
  {
    files: ["lib/platform/nodemcu/**/*.ts"],
    rules: {
      ...portableRules(["lua"], "platform"),
      "@typescript-eslint/strict-boolean-expressions": BOOLEANS,
    },
  },

  // Programs that other interpreters run: a function as an expression, in the JavaScript that Espruino knows.
  {
    files: ["simulator/engines/**/*.js"],
    rules: { "no-var": "off", "prefer-const": "off", "@stylistic/semi": "off", "@stylistic/quote-props": "off" },
  },

  // Tests and measurements read JSON that others wrote.
  {
    files: ["test/**/*.ts", "bench/**/*.ts"],
    rules: {
      "motelet/asserts": "error",
      // Compiled code is run, that is what is tested.
      "@typescript-eslint/no-implied-eval": "off",
      // Methods are taken apart to be wrapped.
      "@typescript-eslint/unbound-method": "off",
      "@typescript-eslint/no-unsafe-argument": "off",
      "@typescript-eslint/no-unsafe-assignment": "off",
      "@typescript-eslint/no-unsafe-call": "off",
      "@typescript-eslint/no-unsafe-member-access": "off",
      "@typescript-eslint/no-unsafe-return": "off",
    },
  },
];
