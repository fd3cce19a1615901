import { describe, expect, it } from 'vitest';
import { Publisher } from '../publisher.js';

describe('the options of a spool', () => {
  it.each([
    [{ directory: '' }, 'spool.directory'],
    [{ directory: 'spool', bytesMax: 10 }, 'spool.bytesMax'],
    [{ directory: 'spool', overflow: 'never' as 'drop-oldest' }, 'spool.overflow'],
  ])('are refused when they cannot be used: %j', (spool, named) => {
    expect(() => Publisher.start({ spool })).toThrow(named);
  });
});
