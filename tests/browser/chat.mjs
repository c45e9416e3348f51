// Reads an endpoint as useChat of the npm package ai does, and prints each state of the message as a
// line of JSON. A line on the standard input aborts the request.
import { createInterface } from "node:readline";
import { DefaultChatTransport, readUIMessageStream } from "ai";

const [url] = process.argv.slice(2);
const print = (event) => console.log(JSON.stringify(event));
const aborting = new AbortController();
createInterface({ input: process.stdin }).once("line", () => aborting.abort());

try {
  const stream = await new DefaultChatTransport({ api: url }).sendMessages({
    trigger: "submit-message",
    chatId: "1",
    messages: [{ id: "1", role: "user", parts: [{ type: "text", text: "a lighthouse" }] }],
    abortSignal: aborting.signal,
  });
  const fail = (error) => print({ error: error.message });
  for await (const { parts } of readUIMessageStream({ stream, onError: fail })) {
    print({ parts, at: performance.now() / 1000 });
  }
  print({ ended: true });
} catch (error) {
  print({ error: error.name });
}
process.exit();
