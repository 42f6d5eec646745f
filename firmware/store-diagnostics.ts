/** The store's part of the diagnostics: how often a change could not be stored. */
import { storeFailures } from "../lib/mqtt/store.ts";
import { reportMore } from "./diagnostics.ts";

reportMore(() => ',"storeFailures":' + storeFailures);
