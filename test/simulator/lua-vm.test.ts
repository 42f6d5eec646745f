import { test } from "uvu";
import * as assert from "uvu/assert";
import { createLuaVm, type LuaVersion, type LuaVm } from "../../simulator/engines/lua/vm.ts";

const VERSIONS: LuaVersion[] = ["5.1", "5.3"];
const CALL = `local out, inp = io.stdout, io.stdin
  out:setvbuf("full", 65536)
  function call(text)
    out:write(text)
    out:flush()
    local a, b, c = string.byte(inp:read(3), 1, 3)
    local count = a + b * 256 + c * 65536
    return count == 0 and "" or inp:read(count)
  end`;

const every = Array.from({ length: 256 }, (_, i) => String.fromCharCode(i)).join("");

for (const version of VERSIONS) {
  test(`Lua ${version} is that version, and passes every byte both ways, at any length`, () => {
    const seen: string[] = [];
    const vm = createLuaVm(version, (request) => {
      seen.push(request);
      return request;
    });
    vm.run(CALL);
    vm.run(`call(_VERSION)
      local every = {}
      for i = 0, 255 do every[i + 1] = string.char(i) end
      every = table.concat(every)
      for _, times in ipairs({ 1, 3, 4, 40, 400 }) do assert(call(every:rep(times)) == every:rep(times)) end
      assert(call("\\0") == "\\0")`);
    vm.close();
    assert.is(seen[0], `Lua ${version}`);
    assert.is(seen[1], every);
    assert.is(seen[5], every.repeat(400));
  });

  test(`Lua ${version}: the host may call Lua while it answers, and errors come out where they were made`, () => {
    const order: string[] = [];
    const vm: LuaVm = createLuaVm(version, (request) => {
      order.push(request);
      if (request === "outer") {
        vm.call("inner");
        assert.throws(() => vm.call("broken"), /oops/);
      }
      if (request === "throw") throw new Error("of the host");
      return `${request}!`;
    });
    vm.run(CALL);
    vm.run(`function inner() assert(call("inner") == "inner!") end
      function broken() error("oops") end
      function outer() assert(call("outer") == "outer!") assert(call("after") == "after!") end
      function throwing() call("throw") call("and on") end`);
    vm.call("outer");
    assert.equal(order, ["outer", "inner", "after"]);
    assert.throws(() => vm.call("throwing"), /^of the host$/);
    vm.call("outer");
    assert.throws(() => vm.run("x ="), /unexpected symbol|near/);
    vm.close();
  });
}

test("a VM adds no listener to the process", () => {
  const count = (): number => process.listenerCount("uncaughtException") + process.listenerCount("unhandledRejection");
  const before = count();
  createLuaVm("5.1", () => "").close();
  assert.is(count(), before);
});

test.run();
