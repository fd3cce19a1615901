/** Where the memory of the process is, as far as V8 and the operating system tell. */
import { getHeapCodeStatistics } from 'node:v8';
import type { Scope } from './family.js';
import type { Readings } from './readings.js';

/** Writes the parts, under the names of RabbitMQ's that mean the same. */
export function writeMemory({ exposition, prefix }: Scope<Readings>): void {
  const { rss, heapTotal, heapUsed, arrayBuffers, external } = process.memoryUsage();
  const code = getHeapCodeStatistics();
  const codeBytes = code.code_and_metadata_size + code.bytecode_and_metadata_size;
  const part = (name: string, help: string, bytes: number): void => {
    exposition.begin(`${prefix}memory_${name}_bytes`, 'gauge', help);
    exposition.sample('', Math.max(0, bytes));
  };
  part('code_module', 'Compiled code', codeBytes);
  part('binary_heap', 'Contents of messages, and what sockets and files are read into', arrayBuffers);
  part('runtime_allocated_unused', 'Of the heap, what is allocated and free', heapTotal - heapUsed);
  part('other_system', 'Neither the heap nor the contents of messages', rss - heapTotal - external);
}
