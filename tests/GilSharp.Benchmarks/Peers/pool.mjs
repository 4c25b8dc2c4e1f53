// Node's pools under the same questions as GilSharp's; see pool.py for the questions and answers. tinypool and workerpool use processes here,
// piscina threads, which is all it has.
import { createInterface } from 'node:readline';

const PERCENTILES = [50, 75, 90, 95, 99, 99.5, 99.9];
const kind = process.argv[2];
const increment = new URL('./increment.mjs', import.meta.url).href;

async function make() {
  if (kind === 'workerpool') {
    const { default: workerpool } = await import('workerpool');
    const pool = workerpool.pool({ workerType: 'process', minWorkers: 2, maxWorkers: 2 });
    return { call: (x) => pool.exec((y) => y + 1, [x]), stop: () => pool.terminate() };
  }
  if (kind === 'tinypool') {
    const { Tinypool } = await import('tinypool');
    const pool = new Tinypool({ filename: increment, runtime: 'child_process', minThreads: 2, maxThreads: 2 });
    return { call: (x) => pool.run(x), stop: () => pool.destroy() };
  }
  const { Piscina } = await import('piscina');
  const pool = new Piscina({ filename: increment, minThreads: 2, maxThreads: 2 });
  return { call: (x) => pool.run(x), stop: () => pool.destroy() };
}

async function latency(pool, seconds) {
  for (let i = 0; i < 200; i++) await pool.call(i);
  const times = [];
  const end = performance.now() + seconds * 1e3;
  while (performance.now() < end) {
    const start = performance.now();
    await pool.call(1);
    times.push((performance.now() - start) * 1e3);
  }
  times.sort((a, b) => a - b);
  return PERCENTILES.map((p) => times[Math.min(times.length - 1, Math.floor((times.length * p) / 100))]);
}

async function rate(pool, seconds) {
  const batch = (n) => Promise.all(Array.from({ length: n }, (_, i) => pool.call(i)));
  await batch(500);
  let done = 0;
  const start = performance.now();
  while (performance.now() - start < seconds * 1e3) {
    await batch(5000);
    done += 5000;
  }
  return [done / ((performance.now() - start) / 1e3)];
}

async function cold() {
  const start = performance.now();
  const pool = await make();
  await Promise.all([pool.call(1), pool.call(2)]);
  const took = performance.now() - start;
  await pool.stop();
  return [took];
}

async function answer(pool, question, argument) {
  if (question === 'latency') return latency(pool, Number(argument));
  if (question === 'rate') return rate(pool, Number(argument));
  if (question === 'cold') return cold();
  return null;
}

const pool = await make();
await pool.call(1);
console.log(`ready ${process.version}`);
for await (const line of createInterface({ input: process.stdin })) {
  const [question, argument] = line.trim().split(' ');
  if (question === 'quit') break;
  const figures = await answer(pool, question, argument);
  console.log(figures === null ? '-' : figures.join(' '));
}
await pool.stop();
process.exit(0);
