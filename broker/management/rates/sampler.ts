/**
 * Takes samples of what the broker counts, every five seconds as RabbitMQ does, and keeps them for the
 * rates and histories of its statistics. Only what has changed is looked at: an idle broker costs one
 * look at each virtual host, and a queue nothing is done with takes no room.
 */
import type { Clock } from '../../queue/clock.js';
import { Queue } from '../../queue/queue.js';
import type { VirtualHost } from '../../routing/virtual-host.js';
import type { ListedConnection } from '../../transport/connection-registry.js';
import { History, SAMPLE_MS } from './history.js';
import { SampleRoom } from './sample-ring.js';
import {
  CHANNEL,
  CHURN,
  type Churning,
  CONNECTION,
  EXCHANGE,
  QUEUE,
  type Sampled,
  VIRTUAL_HOST,
  VirtualHostSum,
} from './sampled.js';

/** What all samples together may take: those of some 100,000 queues that are used now and then. */
const ROOM_BYTES_MAX = 64 * 1024 * 1024;
/** Ticks between two looks for what is gone. */
const SWEEP_TICKS = 12;

/** What is looked at in one turn of the event loop. */
const STEP = 1024;
const KINDS = [QUEUE, EXCHANGE, CHANNEL, CONNECTION, VIRTUAL_HOST, CHURN];

/** What has changed in a virtual host, and how much of it has been looked at. */
interface Batch {
  readonly sum: VirtualHostSum;
  readonly changed: readonly object[];
  readonly at: number;
  next: number;
}

/** Something of which there are samples. */
export interface Track {
  readonly kind: Sampled<unknown>;
  readonly history: History;
}

export class Sampler {
  /** When samples were taken, and the time before that. */
  tickedAt: number;
  tickedBeforeAt: number;
  private readonly source: Churning;
  private readonly clock: Clock;
  private readonly room: SampleRoom;
  private readonly tracks = new Map<object, Track>();
  private readonly sums = new Map<VirtualHost, VirtualHostSum>();
  /** The sample that is being taken. */
  private readonly scratch = new Float64Array(Math.max(...KINDS.map(({ values }) => values)));
  private timer: object | undefined;
  private ticks = 0;

  constructor(source: Churning, clock: Clock, roomBytesMax = ROOM_BYTES_MAX) {
    this.source = source;
    this.clock = clock;
    this.room = new SampleRoom(roomBytesMax);
    this.tickedAt = clock.now();
    this.tickedBeforeAt = this.tickedAt - SAMPLE_MS;
    for (const virtualHost of source.virtualHosts) this.sumOf(virtualHost);
    this.sample(source, CHURN, source, this.tickedBeforeAt);
    this.schedule();
  }

  stop(): void {
    if (this.timer !== undefined) this.clock.stop(this.timer);
    this.timer = undefined;
  }

  /** The samples of a queue, exchange, channel, connection, virtual host, or of all that comes and goes. */
  trackOf(owner: object): Track | undefined {
    return this.tracks.get(owner === this.source.virtualHosts ? this.source : owner);
  }

  /** Since when nothing has been done with it, in milliseconds since 1970; undefined while something is. */
  idleSince(owner: object): number | undefined {
    const lastAt = this.trackOf(owner)?.history.lastAt;
    return lastAt === undefined || lastAt >= this.tickedAt ? undefined : lastAt;
  }

  /** How many things there are samples of, and the room that these take. */
  get usage(): { readonly tracks: number; readonly bytes: number } {
    return { tracks: this.tracks.size, bytes: this.room.bytes };
  }

  private schedule(): void {
    this.timer = this.clock.start(SAMPLE_MS, () => {
      this.tick();
      this.schedule();
    });
  }

  private tick(): void {
    this.tickedBeforeAt = this.tickedAt;
    this.tickedAt = this.clock.now();
    const { virtualHosts } = this.source;
    for (const virtualHost of virtualHosts) this.sampleVirtualHost(this.sumOf(virtualHost));
    this.sample(this.source, CHURN, this.source, this.tickedAt);
    if (++this.ticks % SWEEP_TICKS === 0) this.sweep();
  }

  /** From the first time on its changes are noted; what was done before counts as well. */
  private sumOf(virtualHost: VirtualHost): VirtualHostSum {
    let sum = this.sums.get(virtualHost);
    if (sum !== undefined) return sum;
    sum = new VirtualHostSum(virtualHost);
    this.sums.set(virtualHost, sum);
    virtualHost.changes.take();
    for (const queue of virtualHost.queues.values()) {
      if (queue.readyCount > 0 || queue.publishes > 0) this.sampleQueue(sum, queue, this.tickedBeforeAt);
    }
    return sum;
  }

  private sampleVirtualHost(sum: VirtualHostSum): void {
    const changed = sum.virtualHost.changes.take();
    if (changed.length > 0) this.sampleChanged({ sum, changed, next: 0, at: this.tickedAt });
  }

  /** Some now, and the rest in turns of their own: nobody else waits for them. */
  private sampleChanged(batch: Batch): void {
    const { sum, changed, at } = batch;
    const end = Math.min(changed.length, batch.next + STEP);
    for (; batch.next < end; batch.next++) {
      const owner = changed[batch.next] as object;
      if (owner instanceof Queue) this.sampleQueue(sum, owner, at);
      else this.sampleConnection(owner as ListedConnection, at);
    }
    if (end < changed.length) {
      setImmediate(() => this.sampleChanged(batch));
      return;
    }
    this.sampleExchanges(sum, at);
    this.sample(sum, VIRTUAL_HOST, sum.virtualHost, at);
  }

  private sampleQueue({ ofQueues }: VirtualHostSum, queue: Queue, at: number): void {
    const known = this.tracks.get(queue)?.history;
    // Out with what was added for it before, in with what it is now.
    if (known !== undefined) {
      for (let column = 0; column < QUEUE.values; column++) {
        ofQueues[column] = (ofQueues[column] as number) - known.last(column);
      }
    }
    const { history } = this.sample(queue, QUEUE, queue, at);
    for (let column = 0; column < QUEUE.values; column++) {
      ofQueues[column] = (ofQueues[column] as number) + history.last(column);
    }
  }

  private sampleConnection(connection: ListedConnection, at: number): void {
    this.sample(connection, CONNECTION, connection, at);
    for (const channel of connection.openChannels) this.sample(channel, CHANNEL, channel, at);
  }

  private sampleExchanges(sum: VirtualHostSum, at: number): void {
    const { exchanges, tally } = sum.virtualHost;
    sum.publishes = tally.publishes.publish;
    for (const exchange of exchanges.byName.values()) {
      sum.publishes += exchange.publishIn;
      if (exchange.publishIn > 0) this.sample(exchange, EXCHANGE, exchange, at);
    }
  }

  private sample<Owner extends object>(owner: Owner, kind: Sampled<Owner>, key: object, at: number): Track {
    let track = this.tracks.get(key);
    if (track === undefined) {
      track = {
        kind: kind as Sampled<unknown>,
        history: new History(kind.values, kind.retention, this.room),
      };
      this.tracks.set(key, track);
    }
    kind.read(owner, this.scratch);
    track.history.add(at, this.scratch);
    return track;
  }

  /** Forgets what is gone. */
  private sweep(): void {
    const { virtualHosts } = this.source;
    for (const virtualHost of this.sums.keys()) {
      if (virtualHosts.get(virtualHost.name) === virtualHost) continue;
      this.sums.delete(virtualHost);
      this.forget(virtualHost);
    }
    for (const [owner, { kind }] of this.tracks) if (kind.gone(owner)) this.forget(owner);
  }

  private forget(owner: object): void {
    this.tracks.get(owner)?.history.release();
    this.tracks.delete(owner);
  }
}
