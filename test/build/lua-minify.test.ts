/** The Lua minifier: the same program in fewer bytes, on the real Lua of either version. */
import { spawnSync } from "node:child_process";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { minifyLua } from "../../tools/build/lua/minify.ts";
import type { LuaVersion } from "../../tools/build/lua/transpile.ts";

const VERSIONS: LuaVersion[] = ["5.1", "5.3"];

/** What each program prints, and what it is there for. */
const PROGRAMS: [name: string, code: string][] = [
  ["chains of ..", [
    "local a, b, n = 'a', 'b', 1",
    "print((a .. b) .. n, ((a .. b) .. (n .. 2)) .. a, a .. (b .. n), (a .. b) .. #(a .. b), (a .. b):rep(2) .. (a))",
  ].join("\n")],
  ["comments, and a minus before a minus", "local a = 3 -- three\n--[[ long ]] local b = 2 - -a print(b, - -a)"],
  ["a local that is declared anew with its old value", "local x = 1\nlocal x = x + 1\ndo local x = x * 10 print(x) end print(x)"],
  ["a function that calls itself, and one that does not yet", [
    "local function fact(n) if n < 2 then return 1 end return n * fact(n - 1) end",
    "local fact2 = function(n) return fact2 end",
    "print(fact(5), fact2(1))",
  ].join("\n")],
  ["repeat, whose condition sees the locals of its body", "local n = 0 repeat local done = n > 3 n = n + 1 until done print(n)"],
  ["loops, their variables, and what these hide", [
    "local i, t = 7, {}",
    "for i = i, 9 do t[#t + 1] = i end",
    "for k, v in ipairs(t) do io.write(k, \":\", v, \" \") end",
    "print(i)",
  ].join("\n")],
  ["members, keys and methods keep their names", [
    "local value = { value = 1, [\"other\"] = 2, value2 = { value = 3 } }",
    "function value:sum(other) return self.value + other.value end",
    "print(value:sum(value.value2), value.other)",
  ].join("\n")],
  ["globals that are as short as new names", "a = 5 b = 6 local first, second = a, b print(first, second, a, b)"],
  ["varargs and nested functions", "local f = function(...) local n = select('#', ...) return function() return n, a end end print(f(1, nil)())"],
  ["dots, numbers and long strings", "local s = [[x]] local t = {[ [[k]] ]=1 .. 2 ..s} print(t.k, 1 ..\"\", .5 ..s)"],
  ["a call in parentheses after a statement", "local f = print;(function() f(\"x\") end)()"],
  ["bytes that are no text", "local s = \"\\0001\\255\" .. '\xff\x80' print(#s, s:byte(1, -1))"],
  ["more names than letters", `${Array.from({ length: 120 }, (_, i) => `local name${i} = ${i}`).join("\n")}\nprint(name7 + name119)`],
];

for (const version of VERSIONS) {
  const lua = `lua${version}`;
  const here = spawnSync(lua, ["-v"]).error === undefined;
  if (!here) console.log(`SKIP: no ${lua}: minified programs are not run in it`);
  const run = (code: string): string => {
    const { stdout, stderr, status } = spawnSync(lua, ["-"], { input: Buffer.from(code, "latin1") });
    assert.is(status, 0, `${stderr.toString()}\n${code}`);
    return stdout.toString("latin1");
  };
  for (const [name, code] of PROGRAMS) {
    (here ? test : test.skip)(`Lua ${version}: ${name}`, () => {
      const { code: short } = minifyLua(code, version);
      assert.ok(short.length <= code.length + 1, short);
      const said = run(code);
      assert.ok(said.length > 0);
      assert.is(run(short), said, short);
    });
  }
}

test("a chain of .. needs no parentheses, what is no chain does", () => {
  assert.is(minifyLua("print(((a .. b) .. c) .. d, (a .. b):f() .. (c + d), (a .. b) == (c .. d))", "5.1").code,
    "print(a..b..c..d,(a..b):f()..(c+d),(a..b)==(c..d))\n");
});

test("the operators of 5.3 keep their parentheses", () => {
  assert.is(minifyLua("local a, b = 1, 2\nlocal c = (a | b) & ~(a >> 1) // 2", "5.3").code, "local a,b=1,2\nlocal c=(a|b)&~(a>>1)//2\n");
});

test("a new line stands where another line began, and each token knows its line", () => {
  const { code, tokens } = minifyLua("local one = 1\n\nlocal function two()\n  return one\nend", "5.1");
  assert.is(code, "local a=1\nlocal function b()return\na\nend\n");
  const lineOf = (text: string): number => tokens.find(({ at }) => at === code.lastIndexOf(text))!.line;
  assert.equal(["1", "function", "a", "end"].map(lineOf), [1, 3, 4, 5]);
});

test.run();
