// Runs every benchmark that is there, one after the other, and prints the machine first. Arguments are passed on: `npm run bench -- --against amqp://…`.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describeMachine } from './machine.js';

const benchmarks = ['broker', 'store', 'agent', 'collector', 'pipeline'];

console.log(describeMachine());

let failed = 0;
for (const benchmark of benchmarks) {
  const file = fileURLToPath(new URL(`./${benchmark}.js`, import.meta.url));
  if (!existsSync(file)) continue;
  console.log('');
  // Only the broker has another one to be compared with.
  const options = benchmark === 'broker' ? process.argv.slice(2) : [];
  const child = spawn(process.execPath, [file, ...options], { stdio: 'inherit' });
  const [code] = (await once(child, 'exit')) as [number | null];
  if (code === 0) continue;
  failed += 1;
  console.error(`The benchmark ${benchmark} failed with exit code ${code}.`);
}
process.exitCode = failed === 0 ? 0 : 1;
