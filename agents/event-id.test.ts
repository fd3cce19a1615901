import { validate, version } from 'uuid';
import { describe, expect, it } from 'vitest';
import { lineEventId, newEventId } from './event-id.js';

describe('an event id', () => {
  it('of a record is a UUIDv7', () => {
    expect(version(newEventId())).toBe(7);
  });

  it('of a line is a UUIDv8 that says when its file was first seen, and is always the same', () => {
    const id = lineEventId('f00d', 0x0190_1234_5678, 2, 4_711, 'text');
    expect(validate(id)).toBe(true);
    expect(version(id)).toBe(8);
    expect(id.startsWith('01901234-5678-8')).toBe(true);
    expect(lineEventId('f00d', 0x0190_1234_5678, 2, 4_711, 'text')).toBe(id);
  });

  it('of a line differs with its file, generation, offset and text', () => {
    const ids = [
      lineEventId('f00d', 1, 0, 0, 'a'),
      lineEventId('beef', 1, 0, 0, 'a'),
      lineEventId('f00d', 1, 1, 0, 'a'),
      lineEventId('f00d', 1, 0, 2, 'a'),
      lineEventId('f00d', 1, 0, 0, 'b'),
    ];
    expect(new Set(ids).size).toBe(ids.length);
    expect(ids.every((id) => validate(id))).toBe(true);
  });
});
