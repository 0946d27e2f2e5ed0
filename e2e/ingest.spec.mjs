import AxeBuilder from "@axe-core/playwright";
import { expect, test } from "./fixture.mjs";

async function open(page) {
  await page.goto("/ingest");
  await expect(page.locator("tr[data-source]").first()).toBeVisible();
}

test("the page lists the sources that write, and the side bar leads to it", async ({ page }) => {
  await page.goto("/latency");
  await page.locator("nav.side a[href='/ingest']").click();
  await expect(page.locator("tr[data-source='dev/was']")).toBeVisible();
  await expect(page.locator("tr[data-source='prod/was'] svg.spark")).toBeVisible();
});

test("the range menu changes the range without leaving the page", async ({ page }) => {
  await open(page);
  await page.locator("[data-menu=range] > summary").click();
  await page.locator("[data-menu=range] a", { hasText: "7" }).first().click();
  await expect(page).toHaveURL(/range=7d/);
  await expect(page.locator("tr[data-source='dev/was']")).toBeVisible();
});

for (const lang of ["ko", "en"]) {
  for (const theme of ["light", "dark"]) {
    for (const width of [1440, 390]) {
      test(`ingest, axe finds nothing and nothing overflows: ${lang}, ${theme}, ${width} px`, async ({ page, context, baseURL }) => {
        await context.addCookies([
          { name: "jikimi_lang", value: lang, url: baseURL },
          { name: "jikimi_theme", value: theme, url: baseURL },
        ]);
        await page.setViewportSize({ width, height: 900 });
        await open(page);
        const { violations } = await new AxeBuilder({ page }).analyze();
        expect(violations.map((v) => `${v.id}: ${v.nodes.map((n) => n.target.join(" ")).join(", ")}`)).toEqual([]);
        expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(width);
      });
    }
  }
}
