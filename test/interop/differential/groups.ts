// All differential scripts, by what they are about: a test is named `group: script`.
import { argumentScripts } from './argument-scripts.js';
import { closingScripts } from './closing-scripts.js';
import { connectionScripts } from './connection-scripts.js';
import { consistentHashScripts } from './consistent-hash-scripts.js';
import { consumeScripts } from './consume-scripts.js';
import { contentScripts } from './content-scripts.js';
import { creditScripts } from './credit-scripts.js';
import { cycleScripts } from './cycle-scripts.js';
import { deadLetterScripts } from './dead-letter-scripts.js';
import { edgeScripts } from './edge-scripts.js';
import { exchangeScripts } from './exchange-scripts.js';
import { exchangeTypeScripts } from './exchange-type-scripts.js';
import { extensionScripts } from './extension-scripts.js';
import { generatedChannelScripts } from './generated-channel-scripts.js';
import { generatedQuorumScripts } from './generated-quorum-scripts.js';
import { generatedScripts } from './generated-scripts.js';
import { historyScripts } from './history-scripts.js';
import { leftOverScripts } from './left-over-scripts.js';
import { logInScripts } from './log-in-scripts.js';
import { publishScripts } from './publish-scripts.js';
import { publisherScripts } from './publisher-scripts.js';
import { queueScripts } from './queue-scripts.js';
import { quorumLimitScripts } from './quorum-limit-scripts.js';
import { quorumScripts } from './quorum-scripts.js';
import { refusalScripts } from './refusal-scripts.js';
import type { Script } from './script.js';
import { waitingScripts } from './waiting-scripts.js';

export const groups: [name: string, scripts: Script[]][] = [
  ['connections', connectionScripts],
  ['logging in', logInScripts],
  ['closing', closingScripts],
  ['contents', contentScripts],
  ['queues', queueScripts],
  ['queue arguments', argumentScripts],
  ['quorum queues', [...quorumScripts, ...quorumLimitScripts]],
  ['refusals', refusalScripts],
  ['exchanges', exchangeScripts],
  ['consistent hashes', consistentHashScripts],
  ['exchange types', exchangeTypeScripts],
  ['publishing', publishScripts],
  ['returns, confirms and transactions', publisherScripts],
  ['consuming', consumeScripts],
  ['dead letters', [...deadLetterScripts, ...historyScripts]],
  ['waiting', waitingScripts],
  ['credit', creditScripts],
  ['dead letters that go on', cycleScripts],
  ['extensions', extensionScripts],
  ['edges', edgeScripts],
  ['left over', leftOverScripts],
  ['generated', [...generatedScripts, ...generatedQuorumScripts]],
  ['generated on several channels', generatedChannelScripts],
];
