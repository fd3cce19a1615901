import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type ModelledLimits, QueueModel } from '../../test/support/queue-model.js';
import { argumentsOf, QueueUnderTest } from '../../test/support/queue-under-test.js';
import type { Consumer } from './consumer.js';
import type { Entry } from './entry.js';

/** The queue, and what a channel would know of it. */
class Real {
  readonly under: QueueUnderTest;
  readonly consumers = new Map<string, Consumer>();
  unacked: Entry[] = [];
  private seen = 0;

  constructor(limits: ModelledLimits) {
    this.under = new QueueUnderTest(
      argumentsOf({
        'x-dead-letter-exchange': 'dlx',
        'x-max-length': limits.lengthMax,
        'x-max-length-bytes': limits.bytesMax,
        'x-overflow': limits.rejects ? 'reject-publish' : 'drop-head',
        'x-message-ttl': limits.ttlMs,
        'x-max-priority': limits.priorityMax,
        'x-single-active-consumer': limits.singleActive,
      }),
    );
  }

  /** Lets what is due happen, and takes note of what was delivered. */
  catchUp(): void {
    this.under.clock.advance(0);
    for (const { tag, entry } of this.under.out.slice(this.seen)) {
      if (this.consumers.get(tag)?.noAck === false) this.unacked.push(entry);
    }
    this.seen = this.under.out.length;
  }
}

type Command = fc.Command<QueueModel, Real>;

function command(
  name: string,
  apply: (model: QueueModel, real: Real) => void,
  check: (model: Readonly<QueueModel>) => boolean = (model) => !model.deleted,
): Command {
  return {
    check,
    run: (model, real) => {
      apply(model, real);
      real.catchUp();
      if (!model.deleted) model.advance(0);
      const { queue, out, dead } = real.under;
      expect([queue.readyCount, queue.readyBytes]).toEqual([model.ready.length, model.readyBytes]);
      expect([queue.unackedCount, queue.consumerCount]).toEqual([
        model.unacked.length,
        model.consumers.length,
      ]);
      expect(out.map(({ tag, entry }) => [tag, entry.message.id])).toEqual(
        model.out.map(([tag, id]) => [tag, id]),
      );
      expect(real.unacked.map(({ message, redelivered }) => [message.id, redelivered])).toEqual(
        model.unacked.map(({ message }) => [message.id, message.redelivered]),
      );
      expect(dead).toEqual(model.dead);
    },
    toString: () => name,
  };
}

const publish = fc
  .record({
    priority: fc.nat(4),
    bodyBytes: fc.nat(6),
    persistent: fc.boolean(),
    expirationMs: fc.option(fc.nat(40), { nil: undefined, freq: 2 }),
  })
  .map((options) =>
    command(`publish ${JSON.stringify(options)}`, (model, { under }) => {
      const { expirationMs = -1 } = options;
      const message = under.message({ ...options, expirationMs });
      message.persistent = options.persistent;
      const { priority, bodyBytes } = options;
      const refused = under.queue.refusesPublish;
      expect(refused).toBe(!model.publish(message.id, priority, bodyBytes, options.expirationMs));
      if (!refused) under.queue.publish(message);
      under.queue.dropExcess();
    }),
  );

const consume = fc
  .record({ tag: fc.string(), prefetch: fc.nat(3), noAck: fc.boolean(), priority: fc.nat(2) })
  .map((options) =>
    command(
      `consume ${JSON.stringify(options)}`,
      (model, real) => {
        const tag = `${options.tag} ${model.out.length} ${real.consumers.size}`;
        real.consumers.set(tag, { noAck: options.noAck } as Consumer);
        real.consumers.set(tag, real.under.consume({ ...options, tag }));
        model.consume({ ...options, tag });
      },
      (model) => !model.deleted && model.consumers.length < 4,
    ),
  );

const cancel = fc.nat().map((pick) =>
  command(
    `cancel ${pick}`,
    (model, real) => {
      const { tag } = model.consumers[pick % model.consumers.length]!;
      real.under.queue.removeConsumer(real.consumers.get(tag)!);
      model.cancel(tag);
    },
    (model) => model.consumers.length > 0,
  ),
);

const settle = fc
  .record({
    picks: fc.array(fc.nat(), { minLength: 1, maxLength: 4 }),
    how: fc.constantFrom('ack' as const, 'reject' as const, 'requeue' as const),
  })
  .map(({ picks, how }) =>
    command(
      `${how} ${picks}`,
      (model, real) => {
        const { queue } = real.under;
        const picked = [...new Set(picks.map((pick) => real.unacked[pick % real.unacked.length]!))];
        real.unacked = real.unacked.filter((entry) => !picked.includes(entry));
        if (how === 'requeue') queue.requeue(picked);
        else for (const entry of picked) how === 'ack' ? queue.acknowledge(entry) : queue.discard(entry);
        queue.drain();
        model.settle(
          picked.map((entry) => entry.message.id),
          how,
        );
      },
      (model) => model.unacked.length > 0,
    ),
  );

const get = fc.boolean().map((noAck) =>
  command(`get ${noAck}`, (model, real) => {
    const entry = real.under.queue.get(noAck);
    if (entry !== undefined && !noAck) real.unacked.push(entry);
    expect(entry?.message.id).toBe(model.get(noAck)?.id);
  }),
);

const purge = fc.constant(
  command('purge', (model, real) => expect(real.under.queue.purge()).toBe(model.purge())),
);

const advance = fc.integer({ min: 1, max: 50 }).map((ms) =>
  command(`advance ${ms}`, (model, real) => {
    real.under.clock.advance(ms);
    model.advance(ms);
  }),
);

const remove = fc.constant(
  command('delete', (model, real) => expect(real.under.queue.close()).toBe(model.delete())),
);

const often = (arbitrary: fc.Arbitrary<Command>, times: number): fc.Arbitrary<Command>[] =>
  Array.from({ length: times }, () => arbitrary);

const commands = fc.commands(
  [
    ...often(publish, 6),
    ...often(settle, 4),
    ...often(consume, 2),
    ...often(advance, 2),
    cancel,
    get,
    fc.oneof({ weight: 3, arbitrary: purge }, { weight: 1, arbitrary: remove }),
  ],
  { maxCommands: 100, size: 'max' },
);

const small = fc.option(fc.nat(6), { nil: undefined });
const limits: fc.Arbitrary<ModelledLimits> = fc.record({
  lengthMax: small,
  bytesMax: fc.option(fc.nat(20), { nil: undefined }),
  rejects: fc.boolean(),
  ttlMs: fc.option(fc.nat(60), { nil: undefined }),
  priorityMax: fc.constantFrom(0, 0, 2),
  singleActive: fc.boolean(),
});

test('the queue does what a plain model of it does, whatever it is asked', () => {
  const run = fc.property(limits, commands, (given, asked) => {
    fc.modelRun(() => ({ model: new QueueModel(given), real: new Real(given) }), asked);
  });
  fc.assert(run, { numRuns: 1_000, endOnFailure: false });
}, 60_000);

test('a message in front that does not expire hides one behind it that does, and no longer than that', () => {
  const under = new QueueUnderTest(argumentsOf({}));
  const { queue, clock } = under;
  queue.publish(under.message());
  queue.publish(under.message({ expirationMs: 5 }));
  clock.advance(10);
  expect(queue.readyCount).toBe(2);
  expect(queue.get(true)?.message.id).toBe(1);
  expect(queue.readyCount).toBe(0);
});

test('a million messages that expire need no more timers than ten: only the head is looked at', () => {
  const most = (count: number): number => {
    const under = new QueueUnderTest(argumentsOf({ 'x-message-ttl': 60_000 }));
    const message = under.message();
    let timers = 0;
    for (let published = 0; published < count; published++) {
      // The same message again and again: what is counted is timers, and memory is short.
      under.queue.publish(message);
      timers = Math.max(timers, under.clock.running);
    }
    expect(under.queue.readyCount).toBe(count);
    return timers;
  };
  expect(most(10)).toBe(1);
  expect(most(1_000_000)).toBe(1);
});
