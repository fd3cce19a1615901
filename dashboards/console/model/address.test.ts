import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DEFAULT_STATE, type PageState, readAddress, writeAddress } from './address.js';

const words = fc.array(fc.string({ minLength: 1, maxLength: 12 }), { maxLength: 4 });

const state: fc.Arbitrary<PageState> = fc.record({
  view: fc.constantFrom('logs' as const, 'tail' as const, 'letters' as const),
  query: fc.string(),
  range: fc.record({ from: fc.string({ minLength: 1 }), to: fc.string({ minLength: 1 }) }),
  levels: words,
  services: words,
  order: fc.constantFrom('asc' as const, 'desc' as const),
  columns: words,
  record: fc.option(fc.record({ index: fc.string(), id: fc.string() })),
  refreshSeconds: fc.constantFrom(0, 5, 60),
  bindingKey: fc.string({ minLength: 1 }),
  letter: fc.option(fc.string()),
});

describe('the address bar', () => {
  it('is empty for what is shown by default', () => {
    expect(writeAddress(DEFAULT_STATE)).toBe('');
    expect(readAddress('')).toEqual(DEFAULT_STATE);
  });

  it('gives back every state that was written into it', () => {
    fc.assert(
      fc.property(state, (shown) => {
        expect(readAddress(writeAddress(shown))).toEqual(shown);
      }),
    );
  });

  it('takes what it does not understand as the default', () => {
    const read = readAddress('?view=nothing&refresh=1&order=up&record=alone');
    expect(read).toEqual(DEFAULT_STATE);
  });
});
