// Opens pages in headless Chromium, as lines of JSON on the standard input ask, and prints what a
// page shows, and what a hostile page gets. The name evil.example resolves to this machine.
import { createInterface } from "node:readline";
import packed from "@sparticuz/chromium";
import { chromium } from "playwright-core";

// Without the packed arguments, which disable the protection against pages of other sites.
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM || (await packed.executablePath()),
  args: ["--no-sandbox", "--host-resolver-rules=MAP evil.example 127.0.0.1"],
});

async function show(page, { url, screenshot }) {
  const errors = [];
  const requested = new Set();
  page.on("console", (message) => message.type() === "error" && errors.push(message.text()));
  page.on("pageerror", (error) => errors.push(String(error)));
  page.on("request", (request) => requested.add(new URL(request.url()).origin));
  const response = await page.goto(url, { waitUntil: "networkidle" });
  if (screenshot) await page.screenshot({ path: screenshot, fullPage: true });
  return {
    status: response.status(),
    text: await page.locator("body").innerText(),
    images: await page.evaluate(() => [...document.images].map((image) => image.naturalWidth)),
    errors,
    requested: [...requested],
  };
}

// Runs in the page. Returns the responses that it could read, and events that it received.
async function attack({ target, token, run, stream }) {
  const got = [];
  const headers = { Authorization: `Bearer ${token}`, "Content-Type": "application/json" };
  const attempt = async (name, url, options) => {
    try {
      const response = await fetch(target + url, options);
      const text = await response.text();
      if (response.type !== "opaque") got.push([name, response.status, text]);
    } catch {} // blocked by the browser
  };
  for (const url of ["/", "/v1/predictions", "/v1/webhooks/default/secret"]) {
    await attempt(`read ${url}`, url, {});
    await attempt(`read ${url} with the token`, url, { headers });
    await attempt(`read ${url} without CORS`, url, { mode: "no-cors" });
  }
  const body = JSON.stringify(run);
  await attempt("write", "/v1/predictions", { method: "POST", headers, body });
  await attempt("write text", "/v1/predictions", { method: "POST", mode: "no-cors", body });
  await attempt("delete", "/v1/models/me/secret", { method: "DELETE", headers });
  navigator.sendBeacon(`${target}/v1/predictions`, body);

  const frame = document.createElement("iframe");
  frame.name = "frame";
  document.body.append(frame);
  const loaded = async (start) => {
    const load = new Promise((resolve) => frame.addEventListener("load", resolve, { once: true }));
    start();
    await Promise.race([load, new Promise((resolve) => setTimeout(resolve, 3000))]);
    const text = frame.contentDocument?.body?.innerText;
    if (text) got.push(["frame", 0, text]);
  };
  await loaded(() => (frame.src = `${target}/`));
  for (const [url, kind] of [
    ["/v1/predictions", "text/plain"],
    ["/v1/predictions", "application/x-www-form-urlencoded"],
    ["/v1/files", "multipart/form-data"],
  ]) {
    const form = document.createElement("form");
    Object.assign(form, { method: "POST", action: target + url, enctype: kind, target: "frame" });
    const field = document.createElement("input");
    Object.assign(field, { name: "content", value: body });
    form.append(field);
    document.body.append(form);
    await loaded(() => form.submit());
  }
  await new Promise((resolve) => {
    const events = new EventSource(stream);
    const end = () => resolve(events.close());
    events.addEventListener("output", (event) => got.push(["event", 0, event.data]));
    events.addEventListener("done", end);
    events.onerror = end;
  });
  await new Promise((resolve) => {
    const socket = new WebSocket(`${target.replace("http", "ws")}/v1/predictions`);
    socket.onopen = () => resolve(got.push(["socket", 0, ""]));
    socket.onerror = resolve;
  });
  return got;
}

for await (const line of createInterface({ input: process.stdin })) {
  const command = JSON.parse(line);
  const page = await browser.newPage();
  const result = await show(page, command);
  const got = command.attack ? await page.evaluate(attack, command.attack) : [];
  await page.close();
  console.log(JSON.stringify({ ...result, got }));
}
await browser.close();
process.exit();
