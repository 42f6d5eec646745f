/** What the dashboard serves: its page, the page's program, and the flash page's element with what that fetches. */
import { build } from "esbuild";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { capital } from "../board/report.ts";
import { pageProgram } from "../flash/web/bundle.ts";
import { flashJobs, type WebOptions } from "../flash/web/server.ts";
import type { Page } from "./server.ts";

const pathOf = (file: string): string => fileURLToPath(new URL(file, import.meta.url));

async function program(): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [pathOf("web/main.ts")], bundle: true, write: false, format: "esm", target: "es2022", minify: true,
    logLevel: "silent",
    // The loader of this program is none of the page's.
    tsconfigRaw: { compilerOptions: { target: "es2022", verbatimModuleSyntax: true } },
  });
  return outputFiles[0]!.text;
}

/** @param file the board file, for the flash tab */
export async function dashboardPages(file: string, flash: WebOptions = {}): Promise<Record<string, Page>> {
  // Bundled when the tab is first opened.
  let flashProgram: Promise<string> | undefined;
  return {
    "index.html": { type: "text/html", text: readFileSync(pathOf("web/page.html"), "utf8") },
    "style.css": {
      type: "text/css",
      text: readFileSync(pathOf("../flash/web/theme.css"), "utf8") + readFileSync(pathOf("web/style.css"), "utf8"),
    },
    "main.js": { type: "text/javascript", text: await program() },
    "flash/app.js": { type: "text/javascript", text: () => flashProgram ??= pageProgram() },
    "flash/jobs.json": {
      type: "application/json",
      text: async () => {
        const { jobs, trouble } = await flashJobs([file], flash);
        return JSON.stringify(trouble === undefined ? jobs : { trouble: `${trouble.message}. ${capital(trouble.advice)}` });
      },
    },
  };
}
