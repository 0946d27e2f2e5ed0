// Pictures of a page, to be looked at:  npm run shots -- OUTDIR URL
// Both widths, languages and themes, the whole page, after its charts are drawn.
import fs from "node:fs";
import path from "node:path";
import { chromium } from "@playwright/test";
import { drawn, launchOptions } from "./browser.mjs";

/** shot writes one picture of the page at url and returns the file's name. */
export async function shot(browser, url, dir, { width, lang, theme }) {
  const phone = width < 768;
  const context = await browser.newContext({
    viewport: { width, height: phone ? 844 : 900 },
    deviceScaleFactor: phone ? 1.5 : 1,
    hasTouch: phone,
    isMobile: phone,
  });
  const { origin, pathname } = new URL(url);
  await context.addCookies([
    { name: "jikimi_lang", value: lang, url: origin },
    { name: "jikimi_theme", value: theme, url: origin },
  ]);
  const page = await context.newPage();
  await page.goto(url);
  await drawn(page);
  const name = `${pathname.replace(/^\//, "").replaceAll("/", "-") || "home"}-${width}-${theme}${lang === "ko" ? "" : `-${lang}`}.png`;
  await page.screenshot({ path: path.join(dir, name), fullPage: true });
  await context.close();
  return name;
}

async function main([dir, url]) {
  if (!dir || !url) {
    console.error("usage: npm run shots -- OUTDIR URL");
    process.exit(2);
  }
  fs.mkdirSync(dir, { recursive: true });
  const browser = await chromium.launch(launchOptions);
  for (const width of [1440, 390]) {
    for (const lang of ["ko", "en"]) {
      for (const theme of ["light", "dark"]) console.log(await shot(browser, url, dir, { width, lang, theme }));
    }
  }
  await browser.close();
}

await main(process.argv.slice(2));
