// What becomes of a queue that is there when other policies apply to it.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { argumentsOf, QueueUnderTest } from '../../test/support/queue-under-test.js';
import type { Entry } from './entry.js';

const NONE = argumentsOf({});
const QUORUM = argumentsOf({ 'x-queue-type': 'quorum' });

function filled(args: typeof NONE, count: number): QueueUnderTest {
  const under = new QueueUnderTest(args);
  for (let index = 0; index < count; index++) under.queue.publish(under.message());
  return under;
}

async function turn(): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve));
}

test('a lower limit drops the oldest at once', () => {
  const { queue, dead } = filled(NONE, 5);
  queue.follow({ definition: { 'max-length': 2, 'dead-letter-exchange': 'x' } });
  expect(queue.readyCount).toBe(2);
  expect(dead).toEqual([1, 2, 3].map((id) => [id, 'maxlen']));
});

test('a limit that is much lower drops some at a time, even while the queue is filled', async () => {
  const under = filled(NONE, 100_000);
  const { queue } = under;
  queue.follow({ definition: { 'max-length': 10 } });
  for (let left = 100_000; queue.readyCount > 10; ) {
    expect(left - queue.readyCount).toBeLessThanOrEqual(1_000);
    left = queue.readyCount;
    for (let count = 0; count < 50 && left > 10_000; count++) {
      queue.publish(under.message());
      queue.dropExcess();
      expect(queue.readyCount).toBeLessThan(left);
      left = queue.readyCount;
    }
    await turn();
  }
  expect(queue.readyCount).toBe(10);
});

test('a limit that is raised again, or a queue that is purged or deleted, ends the dropping', async () => {
  const raised = filled(NONE, 10_000);
  raised.queue.follow({ definition: { 'max-length': 10 } });
  raised.queue.follow({ definition: { 'max-length': 8_000 } });
  const purged = filled(NONE, 10_000);
  purged.queue.follow({ definition: { 'max-length': 10 } });
  purged.queue.purge();
  const deleted = filled(NONE, 10_000);
  deleted.queue.follow({ definition: { 'max-length': 10 } });
  deleted.queue.close();
  for (let count = 0; count < 20; count++) await turn();
  expect([raised, purged, deleted].map(({ queue }) => queue.readyCount)).toEqual([8_000, 0, 0]);
});

test('what is refused and what is dropped changes with overflow', () => {
  const { queue } = filled(argumentsOf({ 'x-max-length': 3 }), 3);
  expect(queue.refusesPublish).toBe(false);
  queue.follow({ definition: { overflow: 'reject-publish' } });
  expect(queue.refusesPublish).toBe(true);
  queue.follow({});
  expect(queue.refusesPublish).toBe(false);
});

test('a quorum queue refuses as soon as it is to, and takes publishes again as soon as it is not', () => {
  const { queue } = filled(QUORUM, 5);
  queue.follow({ definition: { 'max-length': 2, overflow: 'reject-publish' } });
  expect([queue.readyCount, queue.refusesPublish]).toEqual([5, true]);
  queue.follow({ definition: { 'max-length': 9, overflow: 'reject-publish' } });
  expect(queue.refusesPublish).toBe(false);
  queue.follow({ definition: { 'max-length': 2, overflow: 'reject-publish' } });
  queue.follow({});
  expect([queue.readyCount, queue.refusesPublish]).toEqual([5, false]);
});

test('a time to live counts for what is published from then on, and what has one keeps it', () => {
  const under = filled(NONE, 1);
  const { queue, clock } = under;
  queue.follow({ definition: { 'message-ttl': 100, 'dead-letter-exchange': 'x' } });
  queue.publish(under.message());
  queue.follow({ definition: { 'dead-letter-exchange': 'x' } });
  queue.publish(under.message());
  clock.advance(1_000);
  expect(queue.readyCount).toBe(3);
  expect(queue.get(true)?.message.id).toBe(1);
  expect(under.dead).toEqual([[2, 'expired']]);
  expect(queue.get(true)?.message.id).toBe(3);
});

test('the time without use begins when it is said, and ends when it is not any more', () => {
  const { queue, clock } = filled(NONE, 0);
  clock.advance(1_000);
  queue.follow({ definition: { expires: 500 } });
  clock.advance(499);
  expect(queue.deleted).toBe(false);
  queue.follow({});
  clock.advance(1_000);
  expect(queue.deleted).toBe(false);
  queue.follow({ definition: { expires: 500 } });
  clock.advance(500);
  expect(queue.deleted).toBe(true);
});

test('an idle queue leaves no timer behind', () => {
  const { queue, clock } = filled(NONE, 0);
  queue.follow({ definition: { expires: 500 } });
  queue.close();
  expect(clock.running).toBe(0);
});

type Action =
  | { readonly do: 'publish' }
  | { readonly do: 'get' }
  | { readonly do: 'requeue'; readonly which: number }
  | { readonly do: 'limit'; readonly limit: number };

/** With a limit what comes back goes to the head, behind what came back before; without, to the end. */
class Model {
  private limit = 20;
  private returned: number[] = [];
  private rest: number[] = [];

  get ready(): number[] {
    return [...this.returned, ...this.rest];
  }

  publish(id: number): void {
    this.rest.push(id);
  }

  get(): number | undefined {
    return this.returned.shift() ?? this.rest.shift();
  }

  requeue(id: number): void {
    (this.limit < 0 ? this.rest : this.returned).push(id);
  }

  changeLimit(limit: number): void {
    this.limit = limit;
  }
}

test('where what comes back goes to changes with the delivery limit, and nothing is lost or doubled', () => {
  const action = fc.oneof<fc.Arbitrary<Action>[]>(
    fc.constantFrom<Action>({ do: 'publish' }, { do: 'get' }),
    fc.record({ do: fc.constant('requeue' as const), which: fc.nat(5) }),
    fc.record({ do: fc.constant('limit' as const), limit: fc.constantFrom(-1, 1_000) }),
  );
  fc.assert(
    fc.property(fc.array(action, { maxLength: 60 }), (actions) => {
      const under = new QueueUnderTest(QUORUM);
      const { queue } = under;
      const model = new Model();
      const unacked: Entry[] = [];
      for (const one of actions) {
        if (one.do === 'publish') {
          const message = under.message();
          queue.publish(message);
          model.publish(message.id);
        } else if (one.do === 'get') {
          const entry = queue.get(false);
          expect(entry?.message.id).toBe(model.get());
          if (entry !== undefined) unacked.push(entry);
        } else if (one.do === 'limit') {
          queue.follow({ definition: { 'delivery-limit': one.limit } });
          model.changeLimit(one.limit);
        } else {
          const [entry] = unacked.splice(one.which, 1);
          if (entry === undefined) continue;
          queue.requeue([entry]);
          model.requeue(entry.message.id);
        }
      }
      const left: (number | undefined)[] = [];
      while (queue.readyCount > 0) left.push(queue.get(true)?.message.id);
      expect(left).toEqual(model.ready);
    }),
  );
});
