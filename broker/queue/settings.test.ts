import fc from 'fast-check';
import { expect, test } from 'vitest';
import { argumentsOf } from '../../test/support/queue-under-test.js';
import { type QueueSettings, settingsOf } from './settings.js';

const LIMITS = [
  ['message-ttl', 'messageTtlMs'],
  ['expires', 'expiresMs'],
  ['max-length', 'lengthMax'],
  ['max-length-bytes', 'lengthBytesMax'],
  ['consumer-timeout', 'consumerTimeoutMs'],
] as const satisfies readonly (readonly [string, keyof QueueSettings])[];

const TEXTS = [
  ['dead-letter-exchange', 'deadLetterExchange'],
  ['dead-letter-routing-key', 'deadLetterRoutingKey'],
] as const satisfies readonly (readonly [string, keyof QueueSettings])[];

const type = fc.constantFrom('classic' as const, 'quorum' as const);
const number = fc.option(fc.nat(), { nil: undefined });
const text = fc.option(fc.string(), { nil: undefined });

test('of two limits the lower one counts, whoever says it', () => {
  fc.assert(
    fc.property(type, fc.constantFrom(...LIMITS), number, number, (of, [key, field], argument, policy) => {
      const settings = settingsOf(of, argumentsOf({ [`x-${key}`]: argument }), { [key]: policy });
      const said = [argument, policy].filter((limit) => limit !== undefined);
      expect(settings[field]).toBe(said.length === 0 ? undefined : Math.min(...said));
    }),
  );
});

test('of two texts the one of the arguments counts', () => {
  fc.assert(
    fc.property(type, fc.constantFrom(...TEXTS), text, text, (of, [key, field], argument, policy) => {
      const settings = settingsOf(of, argumentsOf({ [`x-${key}`]: argument }), { [key]: policy });
      expect(settings[field]).toBe(argument ?? policy);
    }),
  );
});

test('a negative delivery limit is none, which any other is lower than', () => {
  const limits = fc.option(fc.integer({ min: -3, max: 50 }), { nil: undefined });
  fc.assert(
    fc.property(limits, limits, (argument, policy) => {
      const settings = settingsOf('quorum', argumentsOf({ 'x-delivery-limit': argument }), {
        'delivery-limit': policy,
      });
      const said = [argument, policy].filter((limit) => limit !== undefined);
      const limited = said.filter((limit) => limit >= 0);
      const none = said.length > 0 ? undefined : 20;
      expect(settings.deliveryLimit).toBe(limited.length === 0 ? none : Math.min(...limited));
    }),
  );
});

test('what becomes of what is too much is for the arguments of a classic queue to say, and for policies of a quorum queue', () => {
  const overflow = (of: 'classic' | 'quorum', argument?: string, policy?: string): string =>
    settingsOf(of, argumentsOf({ 'x-overflow': argument }), { overflow: policy }).overflow;
  expect(overflow('classic', 'drop-head', 'reject-publish')).toBe('drop-head');
  expect(overflow('classic', undefined, 'reject-publish-dlx')).toBe('reject-publish-dlx');
  expect(overflow('quorum', 'drop-head', 'reject-publish')).toBe('reject-publish');
  expect(overflow('quorum', 'reject-publish')).toBe('reject-publish');
  // Which a quorum queue does not know.
  expect(overflow('quorum', undefined, 'reject-publish-dlx')).toBe('drop-head');
});
