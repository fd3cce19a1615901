// The scopes of tokens, read as RabbitMQ's plugin reads them: the same questions to both.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { TokenIdentity } from '../../broker/access/oauth/token-identity.js';
import { askErlang, missingErlangScopes, type ScopeAnswer, type ScopeQuestion } from './erlang-scopes.js';
import { describeWith } from './requirement.js';

const questions = 20_000;
/** RabbitMQ's side starts once for all of them. */
const timeoutMs = 60_000;

/** Short, out of few letters, so that patterns often match. */
const subject = fc.string({ unit: fc.constantFrom('a', 'b', '/', '*', ' ', '.', 'é', '%'), maxLength: 6 });
const parts = fc.constantFrom('a', 'b', '*', '**', '%2F', '%2f', '%', '%4', '+', '.', 'é', '%C3%A9', '%2A');
const pattern = fc.array(parts, { maxLength: 6 }).map((texts) => texts.join(''));

/** A pattern with what it may match: something made after it, or anything. */
const pair = fc
  .tuple(pattern, fc.array(subject, { minLength: 6, maxLength: 6 }), fc.nat(2))
  .map(([text, fillers, choice]): [pattern: string, subject: string] => {
    if (choice === 0) return [text, fillers[0] as string];
    const filled = text.replaceAll('*', () => fillers.pop() ?? '').replaceAll('+', ' ');
    return [
      text,
      filled.replaceAll(/(%[0-9a-fA-F]{2})+/g, (encoded) =>
        Buffer.from(encoded.replaceAll('%', ''), 'hex').toString(),
      ),
    ];
  });
const permission = fc.constantFrom('configure', 'write', 'read');
const question = fc
  .record({
    permission,
    other: fc.option(fc.oneof(permission, fc.constantFrom('tag', 'Read', '')), { freq: 6 }),
    pairs: fc.tuple(pair, pair, pair),
    count: fc.constantFrom(2, 2, 3, 3, 3, 3, 1, 4),
  })
  .map(({ permission: asked, other, pairs, count }): ScopeQuestion => {
    const [virtualHost, name, routingKey] = pairs.map(([, of]) => of) as [string, string, string];
    const patterns = [...pairs.map(([text]) => text), 'a'].slice(0, count);
    const scope = `${other ?? asked}:${patterns.join('/')}`;
    return { scope, permission: asked as ScopeQuestion['permission'], virtualHost, name, routingKey };
  })
  // The default exchange has a name of its own here already, which RabbitMQ gives it before it asks.
  .filter(({ name }) => name !== '');

function ask({ scope: text, permission: asked, virtualHost, name, routingKey }: ScopeQuestion): ScopeAnswer {
  const grant = { user: 'u', tags: [], scopes: [text], claims: {}, expiresAt: Number.POSITIVE_INFINITY };
  const identity = new TokenIdentity(grant);
  return [
    identity.mayEnter(virtualHost),
    identity.may(asked, virtualHost, name),
    identity.mayRoute(asked as 'write', virtualHost, name, routingKey),
  ];
}

describeWith(missingErlangScopes(), 'scopes, as RabbitMQ’s plugin reads them', () => {
  test(
    'allow the same',
    () => {
      const asked = fc.sample(question, questions);
      const theirs = askErlang(asked);
      expect(theirs.length).toBe(asked.length);
      const different = asked
        .map((one, index) => ({ ...one, ours: ask(one), theirs: theirs[index] }))
        .filter((one) => JSON.stringify(one.ours) !== JSON.stringify(one.theirs));
      expect(different.slice(0, 5)).toEqual([]);
      // Else it would say little.
      for (const index of [0, 1, 2]) {
        expect(theirs.filter((answer) => answer[index]).length).toBeGreaterThan(50);
      }
    },
    timeoutMs,
  );
});
