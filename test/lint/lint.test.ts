/** What runs on a host, and the portable code on Node's platform: format, types, portable subset, layers. */
import { testClean } from "./clean.ts";

testClean("host");
