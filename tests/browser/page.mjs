// Opens the page of an example in headless Chromium and prints each change of its text, as a line of
// JSON. The first line on the standard input closes the page, the second one the browser.
import { once } from "node:events";
import { createInterface } from "node:readline";
import packed from "@sparticuz/chromium";
import { chromium } from "playwright-core";

const [url, screenshot] = process.argv.slice(2);
const print = (event) => console.log(JSON.stringify(event));
const input = createInterface({ input: process.stdin });
const nextLine = () => once(input, "line");

const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM || (await packed.executablePath()),
  args: packed.args,
});
const page = await browser.newPage();
await page.exposeFunction("print", print);
await page.goto(url);
await page.evaluate(() => {
  const story = document.querySelector("#story");
  new MutationObserver(() =>
    window.print({ text: story.textContent, at: performance.now() / 1000 }),
  ).observe(story, { childList: true });
});
await page.click("button");
await nextLine();
await page.screenshot({ path: screenshot });
await page.close();
print({ closed: true });
await nextLine();
await browser.close();
process.exit();
