// Opens pages of the documentation site in headless Chromium, and prints what fits, as a line of JSON
// for each. Arguments: the address of the site, a folder for pictures, the width of the window, pages.
import packed from "@sparticuz/chromium";
import { chromium } from "playwright-core";

const [site, pictures, width, ...paths] = process.argv.slice(2);
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM || (await packed.executablePath()),
  args: packed.args,
});
const page = await browser.newPage({ viewport: { width: Number(width), height: 844 } });
const pictured = new Set(["", "tutorial/", "typed-modules/", "reference/clients/", "why/"]);
const elsewhere = [];
page.on("request", (request) => {
  if (!request.url().startsWith(site) && !request.url().startsWith("data:")) elsewhere.push(request.url());
});
for (const path of paths) {
  await page.goto(site + path);
  const found = await page.evaluate(() => {
    const root = document.documentElement;
    root.querySelectorAll("details").forEach((details) => (details.open = true));
    const outside = [...document.querySelectorAll("article *")].filter((element) => {
      const scrolls = element.closest("pre, .md-typeset__scrollwrap, .md-typeset__table, table, code");
      return !scrolls && element.getBoundingClientRect().right > root.clientWidth + 1;
    });
    const wide = [...document.querySelectorAll("pre > code")].filter((code) => code.scrollWidth > code.clientWidth);
    return {
      page: root.scrollWidth,
      window: root.clientWidth,
      outside: outside.map((element) => element.outerHTML.slice(0, 80)),
      stuck: wide.filter((code) => getComputedStyle(code).overflowX !== "auto").length,
    };
  });
  const name = `${width}-${path.replaceAll("/", "-") || "home"}`;
  const picture = (suffix) =>
    pictured.has(path) && page.screenshot({ path: `${pictures}/${name}${suffix}.png` });
  await picture("");
  const button = page.locator("header label[for=__drawer]");
  if (await button.isVisible()) {
    await button.click();
    await page.waitForTimeout(400); // the drawer slides in
    await picture("-menu");
  }
  const links = page.locator("nav.md-nav--primary .md-nav__link:visible");
  const inView = await links.evaluateAll((all) => all.filter((link) => {
    const { left, right } = link.getBoundingClientRect();
    return left >= 0 && right <= window.innerWidth;
  }).length);
  console.log(JSON.stringify({ path, ...found, links: inView, elsewhere }));
}
await browser.close();
