/** The outbox a publisher's settings ask for: memory alone, or memory with a spool behind it. */
import { Outbox } from './outbox.js';
import type { PublisherSettings } from './publisher-options.js';
import type { OutgoingRecord } from './record-queue.js';
import { SpoolingOutbox } from './spool/spooling-outbox.js';

/**
 * Makes the outbox.
 *
 * @param drop told of each record that had to go because of a bound
 * @param changed called when records have become safe on the disk
 */
export function publisherOutbox(
  settings: PublisherSettings,
  drop: (record: OutgoingRecord) => void,
  changed: () => void,
): Outbox {
  const { bufferRecordsMax: recordsMax, bufferBytesMax: bytesMax, spool, log } = settings;
  const limits = { ...settings, recordsMax, bytesMax };
  if (spool === undefined) return new Outbox(limits, drop);
  return new SpoolingOutbox(limits, spool, drop, changed, log);
}
