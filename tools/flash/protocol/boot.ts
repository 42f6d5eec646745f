/** Whether a firmware that was just switched to starts, and goes on. */
import type { Conversation } from "./conversation.ts";
import { Failure, plain } from "./failure.ts";
import { sleep, type Limits } from "./transport.ts";

/** Exceptions of Espruino, errors of Lua. */
const ERROR = /^.*(?:Uncaught |PANIC: |Lua error|stdin:\d+:|\w+\.l(?:ua|c):\d+: ).*$/m;

/** True for equal texts and for such as differ by a character that was lost, doubled or altered on the way. */
export function isNearly(text: string, wanted: string): boolean {
  if (Math.abs(text.length - wanted.length) > 1) return false;
  let at = 0;
  while (at < wanted.length && text[at] === wanted[at]) at++;
  const rest = (from: string, skip: number): string => from.slice(at + skip);
  return rest(text, 1) === rest(wanted, 1) || rest(text, 1) === rest(wanted, 0) || rest(text, 0) === rest(wanted, 1);
}

/**
 * Waits for the banner in what is heard from a position on, then whether an error or another start follows.
 * Undefined: all is well.
 */
export async function watchStart(
  talk: Conversation, banner: string, from: number, limits: Limits,
): Promise<Failure | undefined> {
  talk.doing = "waiting for the new firmware";
  /** Whole lines that end in the banner: a prompt that was not erased is in front of it now and then. */
  const starts = (text: string): number => text.split(/[\r\n]/).slice(0, -1)
    .filter((line) => [-1, 0, 1].some((more) => isNearly(line.slice(-banner.length - more), banner))).length;
  const errorIn = (text: string): Failure | undefined => {
    const line = ERROR.exec(plain(text))?.[0].trim();
    return line === undefined ? undefined : new Failure("boot-error", { line });
  };
  const heard = await talk.waitOverRestart((text) => {
    const shown = plain(text);
    return starts(shown) > 0 || ERROR.test(shown) ? true : undefined;
  }, limits.bootMs, from);
  if (heard === undefined) return new Failure("boot-silent", { banner, seconds: Math.round(limits.bootMs / 1000) });
  await sleep(talk.timing, limits.settleMs);
  const text = talk.heard(from);
  return errorIn(text) ?? (starts(plain(text)) > 1 ? new Failure("boot-loop") : undefined);
}
