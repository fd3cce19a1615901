/**
 * What the broker is short of. While there is an alarm, whoever publishes is made to wait and told so
 * (connection.blocked, an extension of RabbitMQ's); consumers go on, since they are what frees resources.
 */
import type { Resource } from './events.js';

export class Alarms {
  private readonly set = new Set<Resource>();
  /** Called when a resource runs short and when it does no more. */
  onChange: ((resource: Resource, raised: boolean) => void) | undefined;

  get any(): boolean {
    return this.set.size > 0;
  }

  list(): Resource[] {
    return [...this.set].sort();
  }

  has(resource: Resource): boolean {
    return this.set.has(resource);
  }

  /** `low on disk`: the reason in connection.blocked, in RabbitMQ's words. */
  get reason(): string {
    return `low on ${this.list().join(' & ')}`;
  }

  raise(resource: Resource): void {
    if (this.set.has(resource)) return;
    this.set.add(resource);
    this.onChange?.(resource, true);
  }

  clear(resource: Resource): void {
    if (this.set.delete(resource)) this.onChange?.(resource, false);
  }
}
