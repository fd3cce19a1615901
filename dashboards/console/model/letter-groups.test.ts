import { describe, expect, it } from 'vitest';
import type { LetterRow } from './api.js';
import { errorCause, letterGroups } from './letter-groups.js';

function row(id: string, error: string, failedAt: string): LetterRow {
  return {
    id,
    reason: 'mapping',
    error,
    status: 400,
    index: 'logs-order-production',
    failedAt,
    attempts: 1,
    replays: 0,
    exchange: 'logs',
    routingKey: 'app.order.error',
    service: 'order',
    level: 'error',
    message: 'paid',
  };
}

describe('dead letters', () => {
  it('are one group when their errors differ only in ids, values and positions', () => {
    const error = (id: number) =>
      `document_parsing_exception: [1:${id}] failed to parse field [a] of type [long] in document with id 'x${id}'. Preview of field's value: 'v, ${id}': For input string: "v, ${id}"`;
    const groups = letterGroups([
      row('1', error(1), '2026-03-01T10:00:00Z'),
      row('2', 'other_exception: no', '2026-03-01T10:00:01Z'),
      row('3', error(3), '2026-03-01T09:00:00Z'),
    ]);
    expect(groups.map((group) => group.letters.map((letter) => letter.id))).toEqual([['1', '3'], ['2']]);
    expect(groups[0]?.cause).toBe('document_parsing_exception: failed to parse field [a] of type [long]');
    expect(groups[0]?.firstAt).toBe('2026-03-01T09:00:00Z');
    expect(groups[0]?.services).toEqual(['order']);
  });

  it('say so when no error was given', () => {
    expect(errorCause(null)).toBe('No error was given');
  });
});
