// One measurement of the JavaScript client in a fresh process: worker.mjs [WORK PEER URL ARGUMENT...].
// Like worker.py, it does nothing without arguments.
import { readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";

const INPUTS = { prompt: "a watercolour of two otters in a canoe", width: 768, seed: 1234 };
const [work, , url, ...rest] = process.argv.slice(2);

const works = { load() {}, async_runs: runs, concurrent_runs: concurrentRuns, pages };
if (work) {
  // The client is CommonJS, in an environment of its own beside the other peers.
  const Replicate = createRequire(new URL(".env/javascript/", import.meta.url))("replicate");
  const client = new Replicate({ auth: "t", baseUrl: `${url}/v1` });
  const measured = await works[work](client, ...rest);
  if (measured) console.log(JSON.stringify(measured));
}

async function runs(client, count, reference) {
  const run = () => client.run(reference, { input: INPUTS, wait: { mode: "block" } });
  await run();
  return measure(Number(count), async () => {
    for (let n = 0; n < count; n++) check(await run(), "done");
  });
}

async function concurrentRuns(client, count, seconds) {
  const input = { ...INPUTS, run_time: Number(seconds) };
  const run = () => client.run("owner/name", { input, wait: { mode: "block" } });
  let failed = 0;
  const measured = await measure(1, async () => {
    const outcomes = await Promise.allSettled(Array.from({ length: Number(count) }, run));
    failed = outcomes.filter((outcome) => outcome.value !== "done").length;
  });
  return { ...measured, failed, memory: (1000 * measured.peak) / count };
}

async function pages(client, expected) {
  let count = 0;
  const measured = await measure(1, async () => {
    for await (const page of client.paginate(client.models.list)) {
      count += page.length;
      if (count >= expected) break;
    }
  });
  check(count, Number(expected));
  return measured;
}

// The same as Meter.per of meter.py.
async function measure(count, job) {
  await counts();
  try {
    writeFileSync("/proc/self/clear_refs", "5");
  } catch {}
  const before = megabytes("VmRSS");
  const [cpu, wall] = [process.cpuUsage(), process.hrtime.bigint()];
  await job();
  const seconds = Number(process.hrtime.bigint() - wall) / 1e9;
  const { user, system } = process.cpuUsage(cpu);
  const peak = megabytes("VmHWM") - before;
  const counted = await counts();
  return {
    ...counted,
    wall: seconds / count,
    cpu: (user + system) / 1e6 / count,
    requests: counted.requests / count,
    peak,
  };
}

async function counts() {
  return (await fetch(`${url}/counts`)).json();
}

function megabytes(field) {
  try {
    const line = readFileSync("/proc/self/status", "utf8").match(new RegExp(`${field}:\\s+(\\d+)`));
    return (Number(line[1]) * 1024) / 1e6;
  } catch {
    return 0;
  }
}

function check(value, expected) {
  if (value !== expected) throw new Error(`expected ${expected}, not ${value}`);
}
