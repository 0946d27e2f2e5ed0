// How Chromium is started: Debian's own build, without anything that would reach out to the network.
export const launchOptions = {
  executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
  args: [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
  ],
};

/** drawn waits until the page has its figures and every chart is drawn. */
export async function drawn(page) {
  await page.waitForFunction(() => {
    const blocks = document.querySelectorAll("script[data-chart]").length;
    return document.querySelector(".skeleton") === null && document.querySelectorAll("[data-drawn]").length === blocks;
  });
}
