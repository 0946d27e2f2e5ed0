import AxeBuilder from "@axe-core/playwright";
import { drawn } from "./browser.mjs";
import { expect, test } from "./fixture.mjs";

const PAGE = "/latency?range=24h";
const PHONE = { width: 390, height: 844 };

async function open(page, path = PAGE) {
  await page.goto(path);
  await drawn(page);
}

/** dragAcross draws the mouse over a part of the first chart, from and to being shares of its width. */
async function dragAcross(page, from, to) {
  const plot = page.locator(".chart .u-over").first();
  await plot.scrollIntoViewIfNeeded();
  const box = await plot.boundingBox();
  const y = box.y + box.height / 2;
  await page.mouse.move(box.x + box.width * from, y);
  await page.mouse.down();
  await page.mouse.move(box.x + box.width * to, y, { steps: 5 });
  await page.mouse.up();
}

const query = (page) => new URL(page.url()).searchParams;

async function setCookies(context, baseURL, lang, theme) {
  await context.addCookies([
    { name: "jikimi_lang", value: lang, url: baseURL },
    { name: "jikimi_theme", value: theme, url: baseURL },
  ]);
}

test("the page loads and its charts are drawn", async ({ page }) => {
  await open(page);
  await expect(page.locator("h1")).toBeVisible();
  await expect(page.locator("[data-drawn]").first()).toBeVisible();
  expect(await page.locator("[data-drawn] svg.fig").count()).toBe(0);
});

test("the cursor shows a bucket's values in every chart, by mouse and by keys", async ({ page }) => {
  await open(page);
  const charts = await page.locator("[data-drawn]").count();
  await page.locator(".chart .u-over").first().hover();
  await expect(page.locator(".readout:visible")).toHaveCount(charts);
  await page.mouse.move(1, 1);
  await expect(page.locator(".readout:visible")).toHaveCount(0);
  const chart = page.locator("[data-drawn]").first();
  await chart.focus();
  await page.keyboard.press("End");
  await expect(chart.locator(".readout")).toContainText("p95");
  await page.keyboard.press("ArrowLeft");
  await expect(page.locator("[data-drawn] + [aria-live]").first()).toContainText("p95");
  await page.keyboard.press("Escape");
  await expect(page.locator(".readout:visible")).toHaveCount(0);
});

test("dragging narrows the range, a double click leaves it", async ({ page }) => {
  await open(page);
  const before = page.url();
  await dragAcross(page, 0.4, 0.401);
  await page.locator(".chart .u-over").first().dblclick();
  expect(page.url(), "less than a bucket, and nothing to leave").toBe(before);

  await dragAcross(page, 0.25, 0.5);
  await expect.poll(() => query(page).has("from") && query(page).has("to")).toBe(true);
  await drawn(page);
  const span = Date.parse(query(page).get("to")) - Date.parse(query(page).get("from"));
  expect(span).toBeGreaterThan(5 * 3_600_000);
  expect(span).toBeLessThan(8 * 3_600_000);

  await page.locator(".chart .u-over").first().dblclick();
  await expect.poll(() => page.url()).toBe(before);
  await drawn(page);
});

test("the browser's back button leaves a zoom and redraws", async ({ page }) => {
  await open(page);
  const before = page.url();
  await dragAcross(page, 0.25, 0.5);
  await expect.poll(() => query(page).has("from")).toBe(true);
  await drawn(page);
  await page.goBack();
  expect(page.url()).toBe(before);
  await drawn(page);
  await expect(page.locator("[data-drawn]").first()).toBeVisible();
});

test("the range menu changes the range and is closed after it", async ({ page }) => {
  await open(page);
  await page.locator("[data-menu=range] > summary").click();
  const item = page.locator("[data-menu=range] .menu-list a:not([aria-current])").first();
  const href = await item.getAttribute("href");
  await item.click();
  await expect.poll(() => page.url()).toContain(href);
  await drawn(page);
  await expect(page.locator("details.menu[open]")).toHaveCount(0);
  await expect(page.locator("[data-menu=range] > summary")).toBeFocused();
});

test("menus: one at a time, arrows, Escape, a click outside", async ({ page }) => {
  await open(page);
  for (const name of ["range", "env", "compare", "refresh"]) {
    await page.locator(`[data-menu=${name}] > summary`).click();
    await expect(page.locator("details.menu[open]")).toHaveCount(1);
    await page.keyboard.press("ArrowDown");
    await expect(page.locator(`[data-menu=${name}] .menu-list :focus`)).toHaveCount(1);
  }
  await page.keyboard.press("Escape");
  await expect(page.locator("details.menu[open]")).toHaveCount(0);
  await expect(page.locator("[data-menu=refresh] > summary")).toBeFocused();
  await page.locator("[data-menu=env] > summary").click();
  await page.locator("h1").click();
  await expect(page.locator("details.menu[open]")).toHaveCount(0);
});

test("language and theme are switched and stay", async ({ page }) => {
  await open(page);
  const html = page.locator("html");
  const lang = await html.getAttribute("lang");
  await page.locator("form[data-pref=lang] button:visible").first().click();
  await expect(html).not.toHaveAttribute("lang", lang);
  await drawn(page);
  await page.locator("form[data-pref=theme] button:visible").first().click();
  await expect(html).toHaveAttribute("data-theme", "jikimi-dark");
  await page.reload();
  await drawn(page);
  await expect(html).toHaveAttribute("data-theme", "jikimi-dark");
  await expect(html).not.toHaveAttribute("lang", lang);
});

test("the keys r and ? refresh and help, but not while writing", async ({ page }) => {
  await open(page);
  const refreshed = page.waitForResponse((r) => r.request().headers()["hx-request"] === "true" && r.ok());
  await page.keyboard.press("r");
  await refreshed;
  await drawn(page);
  await page.keyboard.press("?");
  await expect(page.locator("#help[open]")).toBeVisible();
  await page.keyboard.press("Escape");
  await page.locator("[data-menu=filter] > summary").click();
  const field = page.locator("[data-menu=filter] input[type=text]");
  await field.fill("");
  await field.press("?");
  await expect(page.locator("#help[open]")).toHaveCount(0);
  await expect(field).toHaveValue("?");
});

test("the evidence drawer opens, changes its tab, closes and gives the focus back", async ({ page }) => {
  await open(page);
  const opener = page.locator("[data-evidence=percentiles]");
  await opener.click();
  const drawer = page.locator("#drawer dialog[open]");
  await expect(drawer).toBeVisible();
  await expect(drawer.locator("pre.code")).not.toBeEmpty();
  await drawer.locator(".seg a:not([aria-current])").first().click();
  await expect(page.locator("#drawer dialog[open] table")).toBeVisible();
  await page.keyboard.press("Escape");
  await expect(page.locator("#drawer dialog")).toHaveCount(0);
  await expect(opener).toBeFocused();
});

test("the figures come as CSV", async ({ page }) => {
  await open(page);
  const download = page.waitForEvent("download");
  await page.locator("[data-csv]").first().click();
  const file = await download;
  expect(file.suggestedFilename()).toMatch(/^jikimi-latency-.*\.csv$/);
  expect(await file.failure()).toBeNull();
});

test("nothing overflows at 390 px, and the scope is a sheet", async ({ page }) => {
  await page.setViewportSize(PHONE);
  await open(page);
  const width = await page.evaluate(() => [document.documentElement.scrollWidth, innerWidth]);
  expect(width[0]).toBeLessThanOrEqual(width[1]);
  const sheet = page.locator("#scope-controls");
  await expect(sheet).toBeHidden();
  await page.locator("[popovertarget=scope-controls]").click();
  await expect(sheet).toBeVisible();
  const box = await sheet.boundingBox();
  expect(Math.round(box.y + box.height)).toBe(PHONE.height);
  expect(box.height).toBeLessThanOrEqual(PHONE.height * 0.8 + 1);
  for (const control of await sheet.locator("summary").all()) {
    expect((await control.boundingBox()).height).toBeGreaterThanOrEqual(44);
  }
  await page.locator("[data-menu=range] > summary").click();
  await page.locator("[data-menu=range] .menu-list a:not([aria-current])").first().click();
  await expect(sheet).toBeHidden();
  await drawn(page);
});

test.describe("a refresh that fails", () => {
  test.use({ allowedErrors: /ERR_FAILED|htmx:error|status of 503/ });

  test("leaves the panel and says so until one succeeds", async ({ page }) => {
    await open(page);
    const title = await page.locator("h1").textContent();
    const status = page.locator("#status");
    for (const answer of [(route) => route.abort(), (route) => route.fulfill({ status: 503, contentType: "text/html", body: "<main id=panel>no</main>" })]) {
      await page.route(/\/latency\?/, answer);
      await page.keyboard.press("r");
      await expect(status).toBeVisible();
      await expect(status).not.toBeEmpty();
      expect(await page.locator("h1").textContent()).toBe(title);
      await page.unroute(/\/latency\?/);
      await page.keyboard.press("r");
      await expect(status).toBeHidden();
    }
  });

  test("does not change the address", async ({ page }) => {
    await open(page);
    const before = page.url();
    await page.route(/\/latency\?/, (route) => route.fulfill({ status: 503, contentType: "text/html", body: "<main id=panel>no</main>" }));
    await dragAcross(page, 0.25, 0.5);
    await expect(page.locator("#status")).toBeVisible();
    expect(page.url()).toBe(before);
    await expect(page.locator("[data-drawn]").first()).toBeVisible();
  });
});

for (const lang of ["ko", "en"]) {
  for (const theme of ["light", "dark"]) {
    for (const width of [1440, 390]) {
      test(`axe finds nothing: ${lang}, ${theme}, ${width} px`, async ({ page, context, baseURL }) => {
        await setCookies(context, baseURL, lang, theme);
        await page.setViewportSize({ width, height: 900 });
        await open(page);
        await expect(page.locator("html")).toHaveAttribute("data-theme", `jikimi-${theme}`);
        expect(await violations(page)).toEqual([]);
        if (width < 768) await page.locator("[popovertarget=scope-controls]").click();
        await page.locator("[data-menu=range] > summary").click();
        expect(await violations(page), "with an open menu").toEqual([]);
        await page.keyboard.press("Escape");
        if (width < 768) await page.keyboard.press("Escape");
        await page.locator("[data-evidence=percentiles]").click();
        await expect(page.locator("#drawer dialog[open]")).toBeVisible();
        expect(await violations(page), "with the drawer").toEqual([]);
      });
    }
  }
}

async function violations(page) {
  const { violations: found } = await new AxeBuilder({ page }).analyze();
  return found.map((v) => `${v.id}: ${v.nodes.map((n) => n.target.join(" ")).join(", ")}`);
}

test("a cold page is small, asks only its own origin and needs few requests", async ({ page, baseURL }) => {
  const network = await page.context().newCDPSession(page);
  await network.send("Network.enable");
  const transferred = [];
  network.on("Network.loadingFinished", (e) => transferred.push(e.encodedDataLength));
  const requests = [];
  const scripts = [];
  page.on("request", (r) => requests.push(r.url()));
  page.on("response", async (r) => {
    if (r.request().resourceType() === "script") scripts.push(r.body());
  });
  await open(page);
  expect(requests.filter((url) => !url.startsWith(`${baseURL}/`) && !url.startsWith("data:"))).toEqual([]);
  expect(requests.length).toBeLessThanOrEqual(8);
  expect(transferred.reduce((sum, n) => sum + n, 0)).toBeLessThanOrEqual(70 * 1024);
  const bytes = (await Promise.all(scripts)).reduce((sum, body) => sum + body.length, 0);
  expect(bytes).toBeGreaterThan(0);
  expect(bytes).toBeLessThanOrEqual(125 * 1024);
});
