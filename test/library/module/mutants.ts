/** Modules for Espruino that are wrong in one place: the checks have to find each. */
import { build } from "esbuild";
import { root } from "../../../tools/build/root.ts";

export interface Mutant {
  name: string;
  from: string;
  to: string;
}

export const MUTANTS: Mutant[] = [
  { name: "takes C0 and C1, which only overlong forms begin with", from: "c > 193 && c < 245", to: "c > 191 && c < 245" },
  { name: "takes what begins above F4", from: "c > 193 && c < 245", to: "c > 193 && c < 248" },
  { name: "takes overlong forms of three bytes", from: "low = c === 224 ? 160 :", to: "low =" },
  { name: "takes overlong forms of four bytes", from: "c === 240 ? 144 : 128", to: "128" },
  { name: "takes halves of surrogate pairs", from: "high = c === 237 ? 159 :", to: "high =" },
  { name: "takes what is above U+10FFFF", from: "c === 244 ? 143 : 191", to: "191" },
  { name: "takes U+0000", from: "right = c > 0;", to: "right = true;" },
  { name: "takes half a character at the end", from: "return right && left < 1;", to: "return right;" },
  { name: "takes any byte that goes on with a character, if it is high enough", from: "c >= low && c <= high", to: "c >= low" },
  { name: "holds all bytes of a character to the bounds of the second", from: "left--;\n      low = 128;\n      high = 191;", to: "left--;" },
  { name: "takes text of more than 65,535 bytes", from: "let right = bytes.length < 65536;", to: "let right = true;" },
  { name: "takes QoS 2 without speaking it", from: "qos === 2 && acknowledgers[4] !== void 0", to: "qos === 2" },
  { name: "takes any QoS", from: "qos === 0 || qos === 1 || qos === 2 && acknowledgers[4] !== void 0", to: "true" },
  { name: "keeps a session for nobody", from: '(clean || clientId !== "")', to: "true" },
  { name: "sends a password without a user name", from: '(password === "" || username !== void 0)', to: "true" },
  { name: "takes a user name that is no UTF-8", from: 'isText(username ?? "") &&', to: "" },
  { name: "takes a negative keep-alive", from: "keepAlive >= 0 &&", to: "" },
  { name: "takes a keep-alive that has no place in the packet", from: "keepAlive >= 0 && keepAlive < 65536", to: "keepAlive >= 0" },
  { name: "takes a will that is too long", from: "will.message.length < 65536 &&", to: "" },
  { name: "takes a will of QoS 3", from: "(willQos === 0 || willQos === 1 || willQos === 2)", to: "true" },
  { name: "takes a will with a wildcard", from: "checked(will.topic, false);", to: "" },
  { name: "takes more slots than there are", from: "inflight.messages < 128 &&", to: "" },
  { name: "takes wildcards in topics", from: "(isFilter || !hasWildcard(topic))", to: "true" },
  { name: "takes an empty topic", from: "topic.length > 0 && isText(topic)", to: "isText(topic)" },
  { name: "takes a + within a level", from: '(at === 0 || topic.charAt(at - 1) === "/") &&', to: "" },
  { name: "takes levels behind #", from: 'c === "+" && next === "/"', to: 'next === "/"' },
  { name: "does not tell that a message was skipped", from: 'client.emit("skipped", skipped);', to: "" },
  { name: "tells it again with each piece that comes", from: "skippedBefore = skipped;", to: "" },
  { name: "does not tell of room after the network took no more", from: "wantsDrain = client.connected;", to: "" },
  { name: "tells of room more than once", from: "if (wantsDrain) {", to: "if (wantsDrain || wantsRoom === false) {" },
];

/** The text with one place changed. Throws where the place is not there, or not once. */
export const mutate = (text: string, { name, from, to }: Mutant): string => {
  const places = text.split(from).length - 1;
  if (places !== 1) {
    throw new Error(`mutant "${name}": ${JSON.stringify(from)} stands ${places} times in the module, not once; library/espruino.ts has`
      + " changed: change test/library/module/mutants.ts with it");
  }
  return text.replace(from, () => to);
};

/** The module as \`npm run library\` writes it, before it is shrunk. */
export const plainText = async (qos: 1 | 2): Promise<string> => {
  const { outputFiles } = await build({
    stdin: {
      contents: `${qos === 2 ? 'import "./lib/mqtt/qos2.ts";\n' : ""}import "./library/espruino.ts";\n`, resolveDir: root, loader: "ts",
    },
    bundle: true, write: false, format: "cjs", platform: "node", conditions: ["espruino"], external: ["net"], logLevel: "silent",
  });
  return outputFiles[0]!.text;
};
