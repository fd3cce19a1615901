/** A message's place in a queue, with the types that the store below does not know. */
import type { Entry as StoredEntry } from '../store/message.js';
import type { Consumer } from './consumer.js';
import type { Queue } from './queue.js';

export type Entry = StoredEntry<Queue, Consumer>;
