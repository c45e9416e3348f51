// Run by checks.py with the npm package replicate, which has no variable for its base URL.
import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import Replicate, { validateWebhook } from "replicate";

const replicate = new Replicate({ baseUrl: process.env.REPLICATE_BASE_URL });

assert.equal(await replicate.run("acme/echo", { input: { text: "Ada" } }), "Ada");
assert.deepEqual(await replicate.run("acme/words", { input: { text: "a b" } }), ["a", "b"]);
const polled = await replicate.run("acme/echo", { input: { text: "p" }, wait: { mode: "poll" } });
assert.equal(polled, "p");

const [file] = await replicate.run("acme/files", { input: { file: Buffer.from("content") } });
assert.equal(await (await file.blob()).text(), "content");

const words = [];
for await (const event of replicate.stream("acme/words", { input: { text: "a b" } })) {
  if (event.event === "output") words.push(event.data);
}
assert.equal(words.join(""), "ab");

const version = (await replicate.models.get("acme", "echo")).latest_version.id;
assert.equal((await replicate.models.versions.list("acme", "echo")).results[0].id, version);
const created = await replicate.predictions.create({ version, input: { text: "x" } });
assert.equal((await replicate.wait(created)).output, "x");
const slow = await replicate.predictions.create({ model: "acme/slow", input: {} });
assert.equal((await replicate.predictions.cancel(slow.id)).status, "canceled");
await assert.rejects(replicate.run("acme/failing", { input: {} }), /out of memory/);

const controller = new AbortController();
setTimeout(() => controller.abort(), 300);
await replicate.run("acme/slow", {
  input: {},
  wait: { mode: "poll" },
  signal: controller.signal,
});
const [aborted] = (await replicate.predictions.list()).results;
assert.equal(aborted.status, "canceled");

const names = [];
for await (const page of replicate.paginate(replicate.models.list)) {
  names.push(...page.map((model) => `${model.owner}/${model.name}`));
}
assert.ok(names.length > 25 && new Set(names).size === names.length);
const found = await replicate.models.search("echo");
assert.equal(found.results[0].name, "echo");

const { username } = await replicate.accounts.current();
await replicate.deployments.create({
  name: "js",
  model: "acme/echo",
  version,
  hardware: "cpu",
  min_instances: 0,
  max_instances: 1,
});
const deployed = await replicate.deployments.predictions.create(username, "js", {
  input: { text: "d" },
});
assert.equal((await replicate.wait(deployed)).output, "d");
assert.equal(await replicate.deployments.delete(username, "js"), true);

let training = await replicate.trainings.create("acme", "echo", version, {
  destination: "acme/words",
  input: { steps: 1 },
});
while (!["succeeded", "failed", "canceled"].includes(training.status)) {
  await sleep(50);
  training = await replicate.trainings.get(training.id);
}
assert.equal(training.status, "succeeded");

const uploaded = await replicate.files.create(Buffer.from("abc"), { a: 1 });
assert.equal((await replicate.files.get(uploaded.id)).size, 3);
assert.equal(await replicate.files.delete(uploaded.id), true);
assert.equal((await replicate.hardware.list())[0].sku, "cpu");
assert.ok((await replicate.collections.get("official")).models.length);

const url = process.env.WEBHOOK_URL;
await replicate.run("acme/echo", {
  input: { text: "hook" },
  webhook: url,
  webhook_events_filter: ["completed"],
});
const { key } = await replicate.webhooks.default.secret.get();
let delivered = null;
for (let attempt = 0; attempt < 100 && !delivered; attempt++) {
  delivered = await (await fetch(url)).json();
  await sleep(50);
}
const { headers, body } = delivered;
const valid = await validateWebhook({
  id: headers["webhook-id"],
  timestamp: headers["webhook-timestamp"],
  signature: headers["webhook-signature"],
  body,
  secret: key,
});
assert.equal(valid, true);
console.log("passed");
