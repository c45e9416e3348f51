// Run by checks.py with the npm package @ai-sdk/replicate.
import assert from "node:assert/strict";
import { createReplicate } from "@ai-sdk/replicate";

const replicate = createReplicate({ baseURL: `${process.env.REPLICATE_BASE_URL}/v1` });
const { images } = await replicate.image("acme/picture").doGenerate({
  prompt: "a boat",
  n: 1,
  providerOptions: {},
});
assert.equal(Buffer.from(images[0]).toString("latin1").slice(1, 4), "PNG");
console.log("passed");
