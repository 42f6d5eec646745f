/** Whether a firmware that was just switched to starts, and goes on. */
import type { Conversation } from "./conversation.ts";
import { Failure, plain } from "./failure.ts";
import { sleep, type Limits } from "./transport.ts";

/** Exceptions of Espruino, errors of Lua. */
const ERROR = /^.*(?:Uncaught |PANIC: |Lua error|stdin:\d+:|\w+\.l(?:ua|c):\d+: ).*$/m;

const escaped = (text: string): string => text.replace(/[^\w ]/g, "\\$&");

/**
 * Waits for the banner in what is heard from a position on, then whether an error or another start follows.
 * Undefined: all is well.
 */
export async function watchStart(
  talk: Conversation, banner: string, from: number, limits: Limits,
): Promise<Failure | undefined> {
  talk.doing = "waiting for the new firmware";
  const pattern = new RegExp(`(?:^|[\\r\\n>])${escaped(banner)}\\s`, "g");
  const errorIn = (text: string): Failure | undefined => {
    const line = ERROR.exec(plain(text))?.[0].trim();
    return line === undefined ? undefined : new Failure("boot-error", { line });
  };
  const heard = await talk.waitOverRestart((text) => {
    pattern.lastIndex = 0;
    const shown = plain(text);
    return pattern.test(shown) || ERROR.test(shown) ? true : undefined;
  }, limits.bootMs, from);
  if (heard === undefined) return new Failure("boot-silent", { banner, seconds: Math.round(limits.bootMs / 1000) });
  await sleep(talk.timing, limits.settleMs);
  const text = talk.heard(from);
  const starts = [...plain(text).matchAll(pattern)].length;
  return errorIn(text) ?? (starts > 1 ? new Failure("boot-loop") : undefined);
}
