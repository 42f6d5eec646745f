/** Whether a line is whole: jsiCountBracketsInInput of Espruino, which goes by tokens. */

const UNFINISHED = 1000;

/** Open brackets; below 1 the line can be run. In an unfinished comment or template they are many. */
export function bracketsOf(code: string): number {
  let open = 0;
  for (let at = 0; at < code.length; at++) {
    const char = code[at]!;
    if (char === "/" && code[at + 1] === "/") {
      at = code.indexOf("\n", at);
      if (at < 0) return open;
    } else if (char === "/" && code[at + 1] === "*") {
      at = code.indexOf("*/", at + 2) + 1;
      if (at === 0) return UNFINISHED;
    } else if (char === "\"" || char === "'" || char === "`") {
      const end = endOfString(code, at, char);
      // A string that does not end is run at once, so that it can be an error.
      if (end < 0) return char === "`" ? UNFINISHED : 0;
      at = end;
    } else if (char === "(" || char === "[" || char === "{") open++;
    else if (char === ")" || char === "]" || char === "}") {
      open--;
      if (open < 0) return open;
    }
  }
  return open;
}

function endOfString(code: string, from: number, quote: string): number {
  for (let at = from + 1; at < code.length; at++) {
    if (code[at] === "\\") at++;
    else if (code[at] === quote) return at;
    else if (code[at] === "\n" && quote !== "`") return -1;
  }
  return -1;
}
