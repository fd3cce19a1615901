// All scripts of the management API, by what they are about.
import { accessScripts } from './access-scripts.js';
import { connectionScripts } from './connection-scripts.js';
import { definitionScripts } from './definition-scripts.js';
import { exchangeScripts } from './exchange-scripts.js';
import { listingScripts } from './listing-scripts.js';
import { messageScripts } from './message-scripts.js';
import { policyScripts } from './policy-scripts.js';
import { queueScripts } from './queue-scripts.js';
import type { ManagementScript } from './script.js';
import { systemScripts } from './system-scripts.js';
import { userScripts } from './user-scripts.js';
import { virtualHostScripts } from './virtual-host-scripts.js';

export const groups: readonly [name: string, scripts: readonly ManagementScript[]][] = [
  ['the broker', systemScripts],
  ['virtual hosts', virtualHostScripts],
  ['queues', queueScripts],
  ['messages', messageScripts],
  ['exchanges and bindings', exchangeScripts],
  ['listings', listingScripts],
  ['users', userScripts],
  ['access', accessScripts],
  ['policies and parameters', policyScripts],
  ['definitions', definitionScripts],
  ['connections', connectionScripts],
];
