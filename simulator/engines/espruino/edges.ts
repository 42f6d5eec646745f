/** The edges of watched pins, on their way to an interpreter for which long answers are slow. */

/**
 * Edges in an answer. The interpreter's arrays are lists, so that the time to go through one by index grows with the
 * square of its length: 1,000 edges at once took it 2 s, 1,000 by 25 a tenth of that. Of each there are some 20
 * characters in 4 fields (port.ts), and an answer has at most 65,535.
 */
export const EDGES = 25;
const FIELDS = 4;

/** Gives what `port.ts` answers by so many edges at a time, the oldest first; the next answer has what is left. */
export function edgeQueue(): (text: string) => string {
  const late: string[] = [];
  let nowMs = "";
  return (text) => {
    const [now, ...edges] = text.split("\0");
    if (now !== "") nowMs = now!;
    late.push(...edges);
    const some = late.splice(0, EDGES * FIELDS);
    return some.length === 0 ? "" : [nowMs, ...some].join("\0");
  };
}
