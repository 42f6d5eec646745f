/**
 * What runs the client under test. An engine takes the text of the compiled client (`faults/compile.ts`: the body of a
 * function of `platform`, `Math`) and makes clients of it, which tests use as if they were modules of their own.
 *
 * What passes between a test and a client, and an engine has to carry, synchronously and nested to any depth:
 * - Values: undefined, booleans, numbers, binary strings, arrays and plain objects of values. They are copied.
 * - Functions, both ways: handlers that a test gives, what the client gives to `after` and to a link. What the client
 *   has given may be called while the client lives and fewer than 64 others have come after it.
 * - What a function of the test returns (a timer, a link) is the client's to hold and to give back: it comes back as
 *   the same object. Of a link, the client calls `write`.
 * - The client's exports: functions are called, others are read anew at each access. An array or an object is a copy,
 *   and what is set in it (`listeners[topic] = f`, `upHandlers.push(f)`) is set in the client, too.
 *   Such a copy, given to a function of the client (`openStore(..., held)`), is the client's own there.
 * - The functions of `probe` only read.
 * - An exception of the test's own within a call comes out of that call, where the client lets it.
 * The last clients that were made live, at least eight of them.
 */
import type { Factory } from "../faults/compile.ts";
import type { Mutant } from "../faults/mutants.ts";

export interface Engine {
  readonly name: string;
  /** What it runs on is missing: how to get it. Tests are skipped then. */
  readonly missing: string | undefined;
  /**
   * Loads the text of a client.
   * @param mutant has changed the text; an engine that makes its clients of the sources has it change these
   */
  load(body: string, mutant?: Mutant): Promise<Factory>;
  /** Ends what it has started. */
  close(): void;
}
