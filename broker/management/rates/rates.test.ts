import { expect, test } from 'vitest';
import { ManualClock } from '../../../test/support/manual-clock.js';
import { EMPTY_TABLE } from '../../protocol/field-table.js';
import { PageBudget } from '../../queue/page-budget.js';
import type { Queue } from '../../queue/queue.js';
import type { Exchange } from '../../routing/exchange.js';
import { openPolicyTables } from '../../routing/policies.js';
import { VirtualHosts } from '../../routing/virtual-hosts.js';
import { Message, UNREAD_ADDRESS } from '../../store/message.js';
import { FIRST_DEFINITIONS } from '../../store/schema.js';
import { MemoryStore } from '../../store/store.js';
import { ChannelCounters } from '../../transport/channel-counters.js';
import { ConnectionRegistry } from '../../transport/connection-registry.js';
import { InvalidRangeError, readRanges } from './ranges.js';
import { Rates } from './rates.js';
import { Sampler } from './sampler.js';

function makeVirtualHosts(): VirtualHosts {
  const store = new MemoryStore();
  const policies = openPolicyTables(store, FIRST_DEFINITIONS);
  const ids = { nextMessage: 1, nextQueue: 1 };
  return new VirtualHosts({ store, pageBudget: new PageBudget(), ids, policies }, FIRST_DEFINITIONS);
}

/** A virtual host and a sampler of it whose time is told to pass. */
class Sampling {
  readonly clock = new ManualClock();
  readonly connections = new ConnectionRegistry();
  readonly virtualHosts = makeVirtualHosts();
  readonly sampler: Sampler;
  readonly rates: Rates;
  private readonly counters: ChannelCounters;

  constructor(roomBytesMax?: number) {
    this.counters = new ChannelCounters(this.virtualHost);
    this.sampler = new Sampler(this, this.clock, roomBytesMax);
    this.rates = new Rates(this.sampler);
  }

  get virtualHost() {
    const virtualHost = this.virtualHosts.get('/');
    if (virtualHost === undefined) throw new Error('the default virtual host is missing');
    return virtualHost;
  }

  get exchange(): Exchange {
    return this.virtualHost.exchanges.require('amq.fanout');
  }

  queue(name: string): Queue {
    const options = {
      durable: false,
      exclusive: false,
      autoDelete: false,
      args: EMPTY_TABLE,
      connection: this,
    };
    return this.virtualHost.declareQueue({ name, serverNamed: false, ...options });
  }

  publish(queue: Queue, count: number): void {
    for (let index = 0; index < count; index++) {
      this.counters.countPublish(this.counters.to(this.exchange), this.exchange, [queue], false);
      const id = this.virtualHosts.ground.ids.nextMessage++;
      queue.publish(new Message(id, UNREAD_ADDRESS, Buffer.alloc(0), 0, 0, 10));
    }
  }
}

test('a rate is that of the last two samples, and 0 once nothing has changed between them', () => {
  const sampling = new Sampling();
  const queue = sampling.queue('q');
  sampling.publish(queue, 100);
  sampling.clock.advance(5000);
  sampling.publish(queue, 50);
  sampling.clock.advance(5000);
  expect(sampling.rates.rates(queue)).toMatchObject({
    publish: 10,
    messages: 10,
    messages_ready: 10,
    deliver: 0,
  });
  expect(sampling.rates.rates(sampling.exchange)).toEqual({ publish_in: 10, publish_out: 10 });
  expect(sampling.rates.rates(sampling.virtualHost)).toMatchObject({ publish: 10, messages: 10 });
  sampling.clock.advance(5000);
  expect(sampling.rates.rates(queue)).toMatchObject({ publish: 0, messages: 0 });
  expect(sampling.sampler.idleSince(queue)).toBe(11_000);
});

test('events that are seen for the first time have no rate, and the growth of a queue has one', () => {
  const sampling = new Sampling();
  const queue = sampling.queue('q');
  sampling.publish(queue, 1000);
  sampling.clock.advance(5000);
  expect(sampling.rates.rates(queue)).toMatchObject({ publish: 0, messages: 200 });
});

test('after a pause a rate is that of the last interval alone', () => {
  const sampling = new Sampling();
  const queue = sampling.queue('q');
  sampling.publish(queue, 1);
  sampling.clock.advance(60_000);
  sampling.publish(queue, 20);
  sampling.clock.advance(5000);
  expect(sampling.rates.rates(queue)).toMatchObject({ publish: 4 });
});

test('a virtual host counts a queue that is deleted no more, but what was done with it', () => {
  const sampling = new Sampling();
  const { virtualHost, rates, clock } = sampling;
  const queue = sampling.queue('q');
  sampling.publish(queue, 10);
  clock.advance(5000);
  virtualHost.remove(queue);
  clock.advance(5000);
  expect(rates.rates(virtualHost)).toMatchObject({ messages: -2, publish: 0 });
  expect(virtualHost.counters.publishes.publish).toBe(10);
  expect(rates.rates(sampling.virtualHosts)).toMatchObject({
    queue_deleted: 0.2,
    queue_created: 0,
    messages: -2,
  });
  expect(sampling.sampler.trackOf(queue)).toBeDefined();
  clock.advance(60_000);
  expect(sampling.sampler.trackOf(queue)).toBeUndefined();
});

test('samples of a range of time stand at its steps, the newest first, with their average', () => {
  const sampling = new Sampling();
  const queue = sampling.queue('q');
  sampling.publish(queue, 10);
  sampling.clock.advance(5000);
  sampling.publish(queue, 30);
  sampling.clock.advance(9000);
  const now = sampling.clock.now();
  const ranges = readRanges({ msg_rates_age: '10', msg_rates_incr: '5' }, now, false);
  const { publish, messages } = sampling.rates.details(queue, ranges);
  expect(publish).toEqual({
    rate: 6,
    samples: [
      { sample: 40, timestamp: 15_000 },
      { sample: 10, timestamp: 10_000 },
      { sample: 0, timestamp: 5000 },
    ],
    avg: 50 / 3,
    avg_rate: 4,
  });
  expect(messages).toEqual({ rate: 6 });
});

test('hours are remembered by samples that are further apart', () => {
  const sampling = new Sampling();
  const queue = sampling.queue('q');
  for (let minute = 0; minute < 50; minute++) {
    for (let step = 0; step < 12; step++) {
      sampling.publish(queue, 1);
      sampling.clock.advance(5000);
    }
  }
  const now = sampling.clock.now();
  const asked = { msg_rates_age: '2400', msg_rates_incr: '600' };
  const samples = sampling.rates.details(queue, readRanges(asked, now, false))['publish']?.samples ?? [];
  expect(samples.length).toBe(5);
  // A sample of a minute may stand for the minute before.
  for (const { sample, timestamp } of samples) {
    const published = Math.floor((timestamp - 1000) / 5000);
    expect(published - sample).toBeGreaterThanOrEqual(0);
    expect(published - sample).toBeLessThanOrEqual(12);
  }
});

test('when samples have taken the room there is for them, rates go on and older samples are forgotten', () => {
  const sampling = new Sampling(0);
  const queue = sampling.queue('q');
  for (let step = 0; step < 20; step++) {
    sampling.publish(queue, 5);
    sampling.clock.advance(5000);
  }
  expect(sampling.rates.rates(queue)).toMatchObject({ publish: 1 });
  const ranges = readRanges({ msg_rates_age: '60', msg_rates_incr: '5' }, sampling.clock.now(), false);
  expect(sampling.rates.details(queue, ranges)['publish']?.samples?.length).toBe(1);
});

test('nothing is kept of what nothing is done with, and an idle broker takes no samples', () => {
  const sampling = new Sampling();
  for (let index = 0; index < 100; index++) sampling.queue(`q${index}`);
  sampling.clock.advance(5000);
  const { tracks } = sampling.sampler.usage;
  expect(tracks).toBe(1);
  sampling.publish(sampling.queue('q7'), 1);
  sampling.clock.advance(5000);
  expect(sampling.sampler.usage.tracks).toBe(4);
  const { bytes } = sampling.sampler.usage;
  sampling.clock.advance(3_600_000);
  expect(sampling.sampler.usage.bytes).toBe(bytes);
  sampling.sampler.stop();
  expect(sampling.clock.running).toBe(0);
});

test('a range of no steps or too many is refused in RabbitMQ’s words, and half a range is none', () => {
  expect(() => readRanges({ lengths_age: '6000', lengths_incr: '5' }, 1000, false)).toThrow(
    new InvalidRangeError('Invalid range parameters: age 6000, incr 5'),
  );
  expect(() => readRanges({ lengths_age: '0', lengths_incr: '5' }, 1000, false)).toThrow(InvalidRangeError);
  expect(readRanges({ lengths_age: '60', data_rates_age: 'x', data_rates_incr: '5' }, 1000, false)).toEqual(
    {},
  );
  const asked = { lengths_age: '60', lengths_incr: '5' };
  expect(readRanges(asked, 101_000, true).lengths?.last).toBe(105_000);
  expect(readRanges(asked, 101_000, false).lengths?.last).toBe(100_000);
});
