/** A classic queue with arrays and no care for cost, to compare the real one with. */
import type { DeathReason } from '../../broker/queue/queue-host.js';

export interface ModelledMessage {
  id: number;
  priority: number;
  bytes: number;
  expiresAt: number;
  redelivered: boolean;
}

interface ModelledConsumer {
  tag: string;
  priority: number;
  /** 0 for no limit. */
  prefetch: number;
  noAck: boolean;
  unacked: number;
}

export interface ModelledLimits {
  lengthMax: number | undefined;
  bytesMax: number | undefined;
  rejects: boolean;
  ttlMs: number | undefined;
  priorityMax: number;
  singleActive: boolean;
}

export class QueueModel {
  time = 0;
  deleted = false;
  ready: ModelledMessage[] = [];
  unacked: { message: ModelledMessage; consumer: ModelledConsumer | undefined }[] = [];
  /** In the order of their turns. */
  consumers: ModelledConsumer[] = [];
  active: ModelledConsumer | undefined;
  dead: [id: number, reason: DeathReason][] = [];
  out: [tag: string, id: number, redelivered: boolean][] = [];
  readonly limits: ModelledLimits;

  constructor(limits: ModelledLimits) {
    this.limits = limits;
  }

  get readyBytes(): number {
    return this.ready.reduce((sum, { bytes }) => sum + bytes, 0);
  }

  /** Returns whether it was taken in. */
  publish(id: number, priority: number, bytes: number, expirationMs: number | undefined): boolean {
    const { lengthMax = Number.POSITIVE_INFINITY, bytesMax = Number.POSITIVE_INFINITY } = this.limits;
    if (this.limits.rejects && (this.ready.length >= lengthMax || this.readyBytes >= bytesMax)) return false;
    const times = [expirationMs, this.limits.ttlMs].filter((ms) => ms !== undefined);
    const expiresAt = times.length === 0 ? Number.POSITIVE_INFINITY : this.time + Math.min(...times);
    const message = {
      id,
      bytes,
      expiresAt,
      priority: Math.min(priority, this.limits.priorityMax),
      redelivered: false,
    };
    const consumer = this.ready.length === 0 ? this.next() : undefined;
    if (consumer === undefined) {
      this.putIn([message]);
    } else this.give(consumer, message);
    return true;
  }

  consume(consumer: Omit<ModelledConsumer, 'unacked'>): void {
    const added = { ...consumer, unacked: 0 };
    this.active ??= added;
    this.takeTurn(added);
    this.serve();
  }

  cancel(tag: string): void {
    const cancelled = this.consumers.find((consumer) => consumer.tag === tag);
    this.consumers = this.consumers.filter((consumer) => consumer !== cancelled);
    if (this.active === cancelled) this.active = this.consumers[0];
    this.serve();
  }

  get(noAck: boolean): ModelledMessage | undefined {
    this.expire();
    const message = this.ready.shift();
    this.expire();
    if (message !== undefined && !noAck) this.unacked.push({ message, consumer: undefined });
    return message;
  }

  settle(ids: readonly number[], how: 'ack' | 'reject' | 'requeue'): void {
    const back: ModelledMessage[] = [];
    for (const id of ids) {
      const at = this.unacked.findIndex(({ message }) => message.id === id);
      const [{ message, consumer }] = this.unacked.splice(at, 1) as [(typeof this.unacked)[number]];
      if (consumer !== undefined) consumer.unacked--;
      if (this.deleted) continue;
      if (how === 'reject') this.dead.push([id, 'rejected']);
      if (how === 'requeue') back.push({ ...message, redelivered: true });
    }
    this.putIn(back);
    this.serve();
  }

  purge(): number {
    return this.ready.splice(0).length;
  }

  advance(ms: number): void {
    this.time += ms;
    this.expire();
  }

  delete(): number {
    this.deleted = true;
    this.consumers = [];
    return this.purge();
  }

  private putIn(messages: readonly ModelledMessage[]): void {
    this.ready.push(...messages);
    this.ready.sort((left, right) => right.priority - left.priority || left.id - right.id);
    const { lengthMax = Number.POSITIVE_INFINITY, bytesMax = Number.POSITIVE_INFINITY } = this.limits;
    while (!this.limits.rejects && (this.ready.length > lengthMax || this.readyBytes > bytesMax)) {
      this.dead.push([this.ready.shift()!.id, 'maxlen']);
    }
  }

  private expire(): void {
    while (this.ready[0] !== undefined && this.ready[0].expiresAt <= this.time) {
      this.dead.push([this.ready.shift()!.id, 'expired']);
    }
  }

  private serve(): void {
    for (;;) {
      this.expire();
      const consumer = this.ready.length === 0 ? undefined : this.next();
      if (consumer === undefined) return;
      this.give(consumer, this.ready.shift()!);
    }
  }

  private next(): ModelledConsumer | undefined {
    const hasCredit = ({ noAck, prefetch, unacked }: ModelledConsumer): boolean =>
      noAck || prefetch === 0 || unacked < prefetch;
    if (this.limits.singleActive) {
      return this.active !== undefined && hasCredit(this.active) ? this.active : undefined;
    }
    const next = this.consumers.find(hasCredit);
    if (next !== undefined) {
      this.consumers = this.consumers.filter((consumer) => consumer !== next);
      this.takeTurn(next);
    }
    return next;
  }

  private takeTurn(consumer: ModelledConsumer): void {
    const behind = this.consumers.findIndex(({ priority }) => priority < consumer.priority);
    this.consumers.splice(behind === -1 ? this.consumers.length : behind, 0, consumer);
  }

  private give(consumer: ModelledConsumer, message: ModelledMessage): void {
    this.out.push([consumer.tag, message.id, message.redelivered]);
    if (consumer.noAck) return;
    consumer.unacked++;
    this.unacked.push({ message, consumer });
  }
}
