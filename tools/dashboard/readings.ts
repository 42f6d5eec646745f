/** What a message says of the quantities of its sensor. */
import type { Manifest } from "../board/types.ts";

export interface Reading {
  /** "air.temperature" */
  name: string;
  /** As it was sent. */
  text: string;
  /** Undefined where it is a word. */
  value: number | undefined;
}

/** Of binary quantities. */
const WORDS: Record<string, number> = { ON: 1, OFF: 0 };

const readingOf = (name: string, sent: string): Reading => {
  const text = sent.replace(/^"(.*)"$/, "$1");
  const value = text in WORDS ? WORDS[text]! : text === "" ? NaN : Number(text);
  return { name, text, value: Number.isFinite(value) ? value : undefined };
};

/** The readings of a message at the broker; none for another topic. `payload` is a binary string. */
export function readingsOf(manifest: Manifest, topic: string, payload: string): Reading[] {
  const text = Buffer.from(payload, "latin1").toString("utf8");
  for (const { id, publish, fields } of manifest.sensors) {
    const at = (manifest.topics.sensors[id] ?? []).indexOf(topic);
    if (at < 0) continue;
    if (publish.as === "value") return [readingOf(`${id}.${fields[at]!.name}`, text)];
    // The digits as they were sent: a parser would drop zeros at their end.
    return [...text.matchAll(/"((?:[^"\\]|\\.)*)":("(?:[^"\\]|\\.)*"|[^,}\]]+)/g)]
      .filter(([, name]) => fields.some((field) => field.name === name))
      .map(([, name, sent]) => readingOf(`${id}.${name!}`, sent!));
  }
  return [];
}
