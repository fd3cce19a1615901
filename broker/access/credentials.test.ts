import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ProtocolError } from '../protocol/protocol-error.js';
import { parseCredentials } from './credentials.js';

const WORD = fc.string({ unit: 'grapheme' }).filter((text) => !text.includes('\0'));

/** AMQPLAIN's two fields of type S. */
function amqPlain(user: string, password: string): Buffer {
  const field = (name: string, text: string): Buffer => {
    const value = Buffer.from(text);
    const length = Buffer.alloc(4);
    length.writeUInt32BE(value.length);
    return Buffer.concat([Buffer.from([name.length]), Buffer.from(`${name}S`), length, value]);
  };
  return Buffer.concat([field('LOGIN', user), field('PASSWORD', password)]);
}

describe('credentials', () => {
  test('come out of PLAIN as they went in, whatever they are made of', () => {
    fc.assert(
      fc.property(WORD, WORD, (user, password) => {
        const response = Buffer.from(`\0${user}\0${password}`);
        expect(parseCredentials('PLAIN', response)).toEqual({ user, password });
      }),
    );
  });

  test('come out of AMQPLAIN as they went in', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), fc.string({ unit: 'grapheme' }), (user, password) => {
        expect(parseCredentials('AMQPLAIN', amqPlain(user, password))).toEqual({ user, password });
      }),
    );
  });

  test('of any bytes at all are read, or are none, or are a protocol error', () => {
    const mechanism = fc.constantFrom('PLAIN', 'AMQPLAIN', 'EXTERNAL', 'RABBIT-CR-DEMO', '__proto__', '');
    const bytes = fc.oneof(
      fc.uint8Array({ maxLength: 300 }),
      fc
        .tuple(fc.string(), fc.string(), fc.nat(60), fc.integer({ min: 0, max: 255 }))
        .map(([user, password, at, byte]) => {
          const response = amqPlain(user, password);
          if (at < response.length) response[at] = byte;
          return response;
        }),
    );
    fc.assert(
      fc.property(mechanism, bytes, (name, response) => {
        try {
          const credentials = parseCredentials(name, Buffer.from(response));
          if (credentials !== undefined) {
            expect(typeof credentials.user).toBe('string');
            expect(typeof credentials.password).toBe('string');
          }
        } catch (error) {
          expect(error).toBeInstanceOf(ProtocolError);
        }
      }),
      { numRuns: 5_000 },
    );
  });
});
