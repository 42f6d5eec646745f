/**
 * What a message costs in instructions of the processor, which do not depend on what else a machine does: counted by
 * valgrind (callgrind) of the real interpreter, for the client and for programs that are written by hand and check
 * nothing, the least that this interpreter can do it with.
 */
import { spawn, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PAYLOAD, startBroker } from "./broker.ts";
import { CONNECT, PACKET, PREPARED } from "./espruino.ts";
import { MARK } from "./interpreter.ts";
import { bundle } from "./profiles.ts";

/** So many that the waits before them, of which no two take the same, are less than 0.05 of a write each. */
const MESSAGES = 3200;
const WINDOW = 8;

/** Instructions a message. */
export interface Costs {
  publish0: number;
  publish1: number;
  receive: number;
}

export interface Instructions {
  /** Of a bare socket write of the packet, with its share of what sends it. */
  write: number;
  client: Costs;
  /** Of what is written by hand. */
  least: Costs;
}

export const hasValgrind = (): boolean => spawnSync("valgrind", ["--version"]).status === 0;

const END = `print("${MARK}");quit()`;
const NAMES = `var xT=${PREPARED},xP=${JSON.stringify(PAYLOAD)},xn=0,xacked=0;`;

/** Sixteen at once, then again when they are sent. */
const inTurns = (socket: string, what: string): string =>
  `var xturn=()=>{if(xn++>=${MESSAGES / 16}){${END};return}for(var i=0;i<16;i++)${what}};${socket}.on("drain",xturn);xturn()`;

/** The client with a session; then `then`. */
const withClient = (code: string, then: string): string => `${code}
${NAMES}var xraw,xL=mq.link();mq.configure(${WINDOW},128,false);
mq.start((a,b,c,d)=>xraw=xL(a,b,c,d),${CONNECT},30000,4096,256,()=>{});
var wait=setInterval(()=>{if(!mq.publish(xT,xP,0))return;clearInterval(wait);setTimeout(()=>{${then}},100)},20);`;

/** A socket with a session and a function that writes; `xtaken` gets what comes. */
const byHand = (port: number, then: string): string => `
${NAMES}var xtaken=()=>{},xs=require("net").connect({host:"127.0.0.1",port:${port}},()=>xs.write(${CONNECT}));
var xw=xs.write.bind(xs),m=String.fromCharCode;
xs.on("data",b=>xtaken(b));
setTimeout(()=>{${then}},300);`;

/** Called as a member of a module with topic, payload and mode, as any library is. */
const LEAST_PUBLISH = "q.p(xT,xP,0)";
const LEAST_MODULE = "var q={p:(t,b,o)=>{var z=t.length+b.length;xw(m(48+o,z)+t+b)}};";
/** Kept with its acknowledgement as its key until that comes. */
const LEAST_KEPT = `var l=[],x=0,q={p:(t,b,o)=>{x++;var i=m(x>>>8,x&255),s=t+i+b,p=m(48+o,s.length)+s;l.push("@\\x02"+i,p);xw(p)}};
xtaken=b=>{for(var a=0;a<b.length;a+=4){l.splice(l.indexOf(b.substring(a,a+4)),2);
if(++xacked>${MESSAGES - WINDOW}){if(xacked==${MESSAGES}){${END}}}else q.p(xT,xP,2)}};for(var j=0;j<${WINDOW};j++)q.p(xT,xP,2)`;
/** Packets that are cut are put together, and topics looked up. */
const LEAST_RECEIVE = `var h={},r="";h[xT]=()=>{if(++xn==${MESSAGES}){${END}}};
xtaken=b=>{b=r+b;var v=new Uint8Array(E.toArrayBuffer(b)),n=b.length,a=0,e,t;
while(a<n){e=a+2+v[a+1];if(!(e<=n))break;if(v[a]==48){t=a+4+v[a+3];h[b.substring(a+2,t)](b.substring(t,e))}a=e}r=b.substring(a)};
xw("\\x82"+m(xT.length+3)+"\\0\\x01"+xT+"\\0")`;

/** Counts them, in a minute or two. */
export const measureInstructions = async (espruino: string): Promise<Instructions> => {
  const dir = mkdtempSync(join(tmpdir(), "motelet-bench-"));
  const quiet = await startBroker(0);
  const sender = await startBroker(MESSAGES);
  const count = (script: string): Promise<number> => new Promise((resolve, reject) => {
    writeFileSync(join(dir, "run.js"), script, "latin1");
    const child = spawn("valgrind", ["--tool=callgrind", `--callgrind-out-file=${join(dir, "callgrind")}`, espruino, "run.js"],
      { cwd: dir });
    let text = "";
    const take = (chunk: Buffer): void => void (text += chunk.toString("latin1"));
    const timer = setTimeout(() => child.kill("SIGKILL"), 120_000);
    child.stdout.on("data", take);
    child.stderr.on("data", take);
    child.on("error", reject);
    child.on("close", () => {
      clearTimeout(timer);
      const counted = text.includes(MARK) && /Collected : (\d+)/.exec(text)?.[1];
      if (counted) resolve(Number(counted));
      else reject(new Error(`instructions were not counted; valgrind and the interpreter said:\n${text.slice(-2000)}`));
    });
  });
  try {
    const { code } = await bundle("qos01", quiet.port);
    const receiving = (await bundle("qos01", sender.port)).code;
    const base = await count(withClient(code, END));
    const handBase = await count(byHand(quiet.port, END));
    const each = async (script: string, from: number): Promise<number> => (await count(script) - from) / MESSAGES;
    return {
      write: await each(withClient(code, inTurns("xraw", `xraw.write(${PACKET})`)), base),
      client: {
        publish0: await each(withClient(code, inTurns("xraw", "mq.publish(xT,xP,0)")), base),
        publish1: await each(withClient(code, `mq.onSettled(()=>{if(++xacked>${MESSAGES - WINDOW}){if(xacked==${MESSAGES}){${END}}}
else mq.publishKept(xT,xP,2)});for(var i=0;i<${WINDOW};i++)mq.publishKept(xT,xP,2)`), base),
        receive: await each(`${receiving}
${NAMES}mq.configure(${WINDOW},128,false);mq.subscribe(xT,0,()=>{if(++xn==${MESSAGES}){${END}}});
mq.start(mq.link(),${CONNECT},30000,4096,256,()=>{})`, base),
      },
      least: {
        publish0: await each(byHand(quiet.port, LEAST_MODULE + inTurns("xs", LEAST_PUBLISH)), handBase),
        publish1: await each(byHand(quiet.port, LEAST_KEPT), handBase),
        receive: await each(byHand(sender.port, LEAST_RECEIVE), handBase),
      },
    };
  } finally {
    quiet.close();
    sender.close();
    rmSync(dir, { recursive: true, force: true });
  }
};
