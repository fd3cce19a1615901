/** Makes the page's letters out of those of the dead letter queue. */
import type { DeadLetter, DeadLetterInFull } from '../../../collector/deadletter/dead-letter-queue.js';
import type { Letter, LetterRow } from '../model/api.js';
import { fieldConflict } from './field-conflict.js';

/** A letter in the list. */
export function letterRow(found: DeadLetter): LetterRow {
  return {
    id: found.id,
    reason: found.reason,
    error: found.error === '' ? null : found.error,
    status: found.status === 0 ? null : found.status,
    index: found.index === '' ? null : found.index,
    failedAt: found.failedAt ?? null,
    attempts: found.attempts === 0 ? null : found.attempts,
    replays: found.replays,
    exchange: found.exchange,
    routingKey: found.routingKey,
    service: found.service === '' ? null : found.service,
    level: found.level === '' ? null : found.level,
    message: found.message,
  };
}

/** A letter in full, with what its error says of a field. */
export function letter(found: DeadLetterInFull): Letter {
  const row = letterRow(found);
  return {
    ...row,
    body: found.body,
    properties: found.properties,
    headers: found.headers,
    deaths: found.deaths.map(({ queue, exchange, reason, count, time }) => ({
      queue,
      exchange,
      reason,
      count,
      time: time ?? null,
    })),
    conflict: fieldConflict(row.error, row.index),
  };
}
