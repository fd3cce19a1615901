import fc from 'fast-check';
import { expect, test } from 'vitest';
import { EMPTY_TABLE, type FieldTable, type FieldValue } from '../protocol/field-table.js';
import { Message, UNREAD_ADDRESS } from '../store/message.js';
import { MemoryStore } from '../store/store.js';
import { parseQueueArguments } from './arguments.js';
import { Consumer, type Subscriber } from './consumer.js';
import type { Entry } from './entry.js';
import { Queue } from './queue.js';
import type { DeathReason, QueueHost } from './queue-host.js';

interface Rig {
  queue: Queue;
  out: Entry[];
  dead: [id: number, reason: DeathReason][];
  consumer: Consumer;
}

function rig(args: FieldTable, prefetch: number): Rig {
  const dead: [number, DeathReason][] = [];
  const host: QueueHost = {
    store: new MemoryStore(),
    deadLetter: (entry, reason) => dead.push([entry.message.id, reason]),
    remove: () => undefined,
  };
  const queue = new Queue(host, {
    id: 1,
    name: 'q',
    durable: true,
    autoDelete: false,
    owner: undefined,
    args,
    policy: parseQueueArguments('q', args),
  });
  const out: Entry[] = [];
  const subscriber: Subscriber = {
    canTake: () => true,
    deliver: (_consumer, entry) => out.push(entry),
    cancelled: () => undefined,
  };
  const options = { tag: 'c', noAck: false, exclusive: false, prefetch, priority: 0 };
  return { queue, out, dead, consumer: new Consumer(queue, subscriber, options) };
}

/** The same queue with arrays and no care for cost. */
class Model {
  ready: { id: number; priority: number; redelivered: boolean }[] = [];
  unacked: { id: number; priority: number; redelivered: boolean }[] = [];
  dead: [number, DeathReason][] = [];
  consuming = false;
  readonly prefetch: number;
  readonly lengthMax: number | undefined;

  constructor(prefetch: number, lengthMax: number | undefined) {
    this.prefetch = prefetch;
    this.lengthMax = lengthMax;
  }

  private settleReady(): void {
    this.ready.sort((left, right) => right.priority - left.priority || left.id - right.id);
    while (this.consuming && this.ready.length > 0 && this.unacked.length < this.prefetch) {
      this.unacked.push(this.ready.shift()!);
    }
    while (this.lengthMax !== undefined && this.ready.length > this.lengthMax) {
      this.dead.push([this.ready.shift()!.id, 'maxlen']);
    }
  }

  publish(id: number, priority: number): void {
    this.ready.push({ id, priority, redelivered: false });
    this.settleReady();
  }

  consume(): void {
    this.consuming = true;
    this.settleReady();
  }

  settle(ids: readonly number[], how: 'ack' | 'reject' | 'requeue'): void {
    for (const id of ids) {
      const [one] = this.unacked.splice(
        this.unacked.findIndex((unacked) => unacked.id === id),
        1,
      );
      if (how === 'reject') this.dead.push([id, 'rejected']);
      if (how === 'requeue') this.ready.push({ ...one!, redelivered: true });
    }
    // Length is looked at when messages come back, before consumers are.
    if (how === 'requeue') {
      this.ready.sort((left, right) => right.priority - left.priority || left.id - right.id);
      while (this.lengthMax !== undefined && this.ready.length > this.lengthMax) {
        this.dead.push([this.ready.shift()!.id, 'maxlen']);
      }
    }
    this.settleReady();
  }
}

type Step =
  | { do: 'publish'; priority: number }
  | { do: 'consume' }
  | { do: 'settle'; picks: number[]; how: 'ack' | 'reject' | 'requeue' };

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ do: fc.constant('publish' as const), priority: fc.nat(3) }) },
  { weight: 1, arbitrary: fc.constant<Step>({ do: 'consume' }) },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant('settle' as const),
      picks: fc.array(fc.nat(), { minLength: 1, maxLength: 4 }),
      how: fc.constantFrom('ack' as const, 'reject' as const, 'requeue' as const),
    }),
  },
);

function integer(value: number): FieldValue {
  return { type: 'signedint', value };
}

test('the queue does what a plain model of it does', () => {
  const run = fc.property(
    fc.array(step, { maxLength: 80 }),
    fc.integer({ min: 1, max: 5 }),
    fc.option(fc.integer({ min: 0, max: 6 }), { nil: undefined }),
    fc.boolean(),
    (steps, prefetch, lengthMax, priorities) => {
      const args = new Map<string, FieldValue>([
        ['x-dead-letter-exchange', { type: 'longstr', value: Buffer.from('dlx') }],
      ]);
      if (lengthMax !== undefined) args.set('x-max-length', integer(lengthMax));
      if (priorities) args.set('x-max-priority', integer(2));
      const { queue, out, dead, consumer } = rig(args, prefetch);
      const model = new Model(prefetch, lengthMax);
      let unacked: Entry[] = [];
      let nextId = 1;
      for (const one of steps) {
        if (one.do === 'publish') {
          const message = new Message(nextId++, UNREAD_ADDRESS, Buffer.alloc(0), 0, 0, 0);
          message.priority = one.priority;
          queue.publish(message);
          model.publish(message.id, priorities ? Math.min(one.priority, 2) : 0);
        } else if (one.do === 'consume' && !model.consuming) {
          queue.addConsumer(consumer);
          queue.drain();
          model.consume();
        } else if (one.do === 'settle' && unacked.length > 0) {
          const picked = [...new Set(one.picks.map((pick) => unacked[pick % unacked.length] as Entry))];
          unacked = unacked.filter((entry) => !picked.includes(entry));
          if (one.how === 'requeue') queue.requeue(picked);
          else
            for (const entry of picked) one.how === 'ack' ? queue.acknowledge(entry) : queue.discard(entry);
          queue.drain();
          model.settle(
            picked.map((entry) => entry.message.id),
            one.how,
          );
        }
        unacked.push(...out.splice(0));
        expect(queue.readyCount).toBe(model.ready.length);
        expect(queue.unackedCount).toBe(model.unacked.length);
        expect(unacked.map((entry) => [entry.message.id, entry.redelivered])).toEqual(
          model.unacked.map(({ id, redelivered }) => [id, redelivered]),
        );
        expect(dead).toEqual(model.dead);
      }
    },
  );
  fc.assert(run, { numRuns: 400 });
});

test('a message in front that does not expire hides one behind it that does, and no longer than that', () => {
  const { queue } = rig(EMPTY_TABLE, 1);
  const lasting = new Message(1, UNREAD_ADDRESS, Buffer.alloc(0), 0, 0, 0);
  const brief = new Message(2, UNREAD_ADDRESS, Buffer.alloc(0), 0, 0, 0);
  brief.expirationMs = 0;
  queue.publish(lasting);
  queue.publish(brief);
  expect(queue.readyCount).toBe(2);
  expect(queue.get(true)?.message.id).toBe(1);
  expect(queue.get(true)).toBeUndefined();
});
