/** What one scrape reads: the broker, and what only the operating system can tell, which is asked for once. */
import { readdir, readFile } from 'node:fs/promises';
import type { HostCounters } from '../../queue/host-counters.js';
import type { VirtualHost } from '../../routing/virtual-host.js';
import type { ConnectionRegistry } from '../../transport/connection-registry.js';
import type { ManagedBroker } from '../managed-broker.js';

/** The broker's own parts: nothing is copied of them, and nothing written to them. */
export type MeteredBroker = Pick<ManagedBroker, 'host' | 'access' | 'resources' | 'startedAt' | 'nodeName'>;

export interface Readings {
  readonly broker: MeteredBroker;
  /** Those that are wanted. */
  readonly virtualHosts: Iterable<VirtualHost>;
  readonly connections: ConnectionRegistry;
  /** Of all virtual hosts, those that are gone included: these never fall. */
  readonly counters: HostCounters;
  /** Of which endpoint: `aggregated`, `per-object`, `detailed` or `memory-breakdown`. */
  readonly endpoint: string;
  readonly process: ProcessReadings;
}

/** Where the operating system does not tell, as only Linux does, there is no number. */
export interface ProcessReadings {
  readonly openFiles: number | undefined;
  readonly openFilesMax: number | undefined;
}

/** Asks the operating system; never rejects. */
export async function readProcess(): Promise<ProcessReadings> {
  const [files, limits] = await Promise.all([
    readdir('/proc/self/fd').catch(() => undefined),
    readFile('/proc/self/limits', 'utf8').catch(() => ''),
  ]);
  const openFilesMax = /^Max open files\s+(\d+)/m.exec(limits)?.[1];
  return {
    openFiles: files?.length,
    openFilesMax: openFilesMax === undefined ? undefined : Number(openFilesMax),
  };
}
