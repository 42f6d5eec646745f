/** What runs on chips or in a browser, and the types of all portable code on the platform of each chip. */
import { testClean } from "./clean.ts";

testClean("chips");
