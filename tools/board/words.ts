/** Words for people: the nearest name to a mistyped one, lists, plain names of JSON types. */

/** A step into a JSON value: the key of an object or the index of a list. */
export type Segment = string | number;

/** Damerau-Levenshtein distance (optimal string alignment): insert, delete, replace, swap neighbours, each 1. */
export function editDistance(a: string, b: string): number {
  let beforePrevious: number[] = [];
  let previous = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const cost = a[i - 1] === b[j - 1] ? 0 : 1;
      let best = Math.min(previous[j]! + 1, row[j - 1]! + 1, previous[j - 1]! + cost);
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) {
        best = Math.min(best, beforePrevious[j - 2]! + 1);
      }
      row.push(best);
    }
    beforePrevious = previous;
    previous = row;
  }
  return previous[b.length]!;
}

/** The candidate that was probably meant, if any is near enough: at most a third of its letters differ. */
export function nearest(word: string, candidates: Iterable<string>): string | undefined {
  let best: string | undefined;
  let bestDistance = Infinity;
  // A word of any length is compared with short names alone: what is much longer than all of them is none of them.
  const clipped = word.slice(0, 64).toLowerCase();
  for (const candidate of candidates) {
    const distance = editDistance(clipped, candidate.toLowerCase());
    const allowed = Math.max(1, Math.floor(Math.max(clipped.length, candidate.length) / 3));
    if (distance <= allowed && distance < bestDistance) {
      best = candidate;
      bestDistance = distance;
    }
  }
  return best;
}

/**
 * `did you mean "x"?`, or `use one of ...` where no candidate is near and there are few; undefined without candidates.
 */
export function didYouMean(word: string, candidates: readonly string[], fallback = "use one of"): string | undefined {
  const near = nearest(word, candidates);
  if (near !== undefined) return `did you mean "${near}"?`;
  return candidates.length > 0 ? `${fallback} ${list(candidates)}` : undefined;
}

/** "a, b, c" and, when there are more than `most`, "a, b, ... (12 in all)". */
export function list(words: readonly (string | number)[], most = 12): string {
  if (words.length <= most) return words.join(", ");
  return `${words.slice(0, most).join(", ")}, ... (${words.length} in all)`;
}

/** JSON path for people: `sensors[0].address`, `buses["my bus"].sda`. */
export function pathText(segments: readonly Segment[]): string {
  let text = "";
  for (const segment of segments) {
    if (typeof segment === "number") text += `[${segment}]`;
    else if (/^[A-Za-z_$][\w$-]*$/.test(segment)) text += text === "" ? segment : `.${segment}`;
    else text += `[${JSON.stringify(segment)}]`;
  }
  return text;
}

/** Segments of a JSON pointer (RFC 6901) into `root`: a step into a list becomes an index. */
export function pointerSegments(pointer: string, root: unknown): Segment[] {
  let at = root;
  return pointer.split("/").slice(1).map((step) => {
    const name = step.replaceAll("~1", "/").replaceAll("~0", "~");
    const segment = Array.isArray(at) ? Number(name) : name;
    at = Array.isArray(at) ? at[Number(name)] : isObject(at) && Object.hasOwn(at, name) ? at[name] : undefined;
    return segment;
  });
}

/** Quotes a value for a message, shortened. */
export function quote(value: unknown): string {
  const text = JSON.stringify(value) ?? String(value);
  return text.length > 60 ? `${text.slice(0, 57)}...` : text;
}

/** What a JSON value is: "text", "a number", "a list", ... */
export function kind(value: unknown): string {
  if (value === null) return "null";
  if (Array.isArray(value)) return "a list";
  return KINDS[typeof value] ?? typeof value;
}

const KINDS: Record<string, string> = {
  string: "text", number: "a number", boolean: "true or false", object: "an object", undefined: "nothing",
};

/** True for a JSON object. */
export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
