/**
 * Where each setting may come from: its place in warren.yaml, its environment variables and its flag.
 */

import { AGENT_SETTINGS } from './agent-settings.js';
import { BROKER_SETTINGS } from './broker-settings.js';
import type { Setting } from './setting.js';

/** All settings, in the order in which `warren config` prints them. */
export const SETTINGS: readonly Setting[] = [
  {
    path: ['host'],
    variables: ['WARREN_HOST'],
    flag: '--host',
    value: 'address',
    about: 'the address to listen on',
  },
  {
    path: ['dataDirectory'],
    variables: ['WARREN_DATA_DIR'],
    flag: '--data-dir',
    value: 'directory',
    about: 'where messages, logs and checkpoints are kept',
  },
  {
    path: ['environment'],
    variables: ['WARREN_ENVIRONMENT'],
    flag: '--environment',
    value: 'name',
    about: 'the environment of records that name none',
  },
  {
    path: ['log', 'level'],
    variables: ['WARREN_LOG_LEVEL'],
    flag: '--log-level',
    value: 'level',
    about: "the least severe of Warren's own logs to keep",
  },
  {
    path: ['log', 'format'],
    variables: ['WARREN_LOG_FORMAT'],
    flag: '--log-format',
    value: 'format',
    about: 'how they are written to standard error: pretty (warnings and worse), or all as json',
  },
  {
    path: ['log', 'publish'],
    variables: ['WARREN_LOG_PUBLISH'],
    flag: '--log-publish',
    value: 'true|false',
    about: "send Warren's own logs through Warren as well",
  },
  ...BROKER_SETTINGS,
  {
    path: ['store', 'port'],
    variables: ['WARREN_STORE_PORT'],
    flag: '--store-port',
    value: 'port',
    about: 'the port of the embedded store',
  },
  {
    path: ['store', 'memoryMebibytesMax'],
    variables: ['WARREN_STORE_MEMORY'],
    flag: '--store-memory',
    value: 'mebibytes',
    about: 'memory the embedded store may use for queries',
  },
  {
    path: ['elasticsearch', 'url'],
    variables: ['WARREN_ELASTICSEARCH_URL'],
    flag: '--elasticsearch-url',
    value: 'url',
    about: 'an Elasticsearch to use instead of the embedded store',
    secret: true,
  },
  {
    path: ['collector', 'prefetch'],
    variables: ['WARREN_COLLECTOR_PREFETCH'],
    flag: '--prefetch',
    value: 'count',
    about: 'records a collector holds unacked at most',
  },
  {
    path: ['collector', 'batchCountMax'],
    variables: ['WARREN_COLLECTOR_BATCH_COUNT_MAX'],
    flag: '--batch-count-max',
    value: 'count',
    about: 'records in one bulk at most',
  },
  {
    path: ['collector', 'batchBytesMax'],
    variables: ['WARREN_COLLECTOR_BATCH_BYTES_MAX'],
    flag: '--batch-bytes-max',
    value: 'bytes',
    about: 'bytes in one bulk at most',
  },
  {
    path: ['collector', 'batchAgeMsMax'],
    variables: ['WARREN_COLLECTOR_BATCH_AGE_MS_MAX'],
    flag: '--batch-age-ms-max',
    value: 'milliseconds',
    about: 'how long a record waits for its bulk to fill',
  },
  ...AGENT_SETTINGS,
  {
    path: ['console', 'port'],
    variables: ['WARREN_CONSOLE_PORT'],
    flag: '--console-port',
    value: 'port',
    about: 'the port of the console',
  },
];

/** The value at a path of nested objects; `undefined` where there is none. */
export function valueAt(root: unknown, path: readonly string[]): unknown {
  let value = root;
  for (const key of path) {
    if (typeof value !== 'object' || value === null) return undefined;
    value = (value as Record<string, unknown>)[key];
  }
  return value;
}

/** The name under which commander keeps a flag's value: `--amqp-port` is `amqpPort`. */
export function flagKey(setting: Setting): string {
  return setting.flag.slice(2).replace(/-([a-z])/g, (_, letter: string) => letter.toUpperCase());
}
