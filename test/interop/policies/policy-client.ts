// What a scenario does with a broker: policies, and the work of a client.
import type { GetMessage } from 'amqplib';
import type { PolicyKind } from '../../../broker/routing/policy.js';
import { AmqplibSession } from '../amqplib-session.js';
import type { PolicyBody, PolicyBroker } from './policy-broker.js';
import type { Watch } from './watch.js';

type Arguments = Record<string, unknown>;

export class PolicyClient {
  readonly session: AmqplibSession;
  private readonly broker: PolicyBroker;
  private readonly watch: Watch;
  /** Keeps what is of one scenario apart from the others. */
  private readonly prefix: string;
  private readonly made: [PolicyKind, string][] = [];
  private readonly queues = new Set<string>();
  private readonly exchanges = new Set<string>();

  private constructor(broker: PolicyBroker, session: AmqplibSession, watch: Watch, prefix: string) {
    this.broker = broker;
    this.session = session;
    this.watch = watch;
    this.prefix = prefix;
  }

  static async open(broker: PolicyBroker, watch: Watch, prefix: string): Promise<PolicyClient> {
    return new PolicyClient(broker, await AmqplibSession.open(broker.url), watch, prefix);
  }

  name(short: string): string {
    return `${this.prefix}.${short}`;
  }

  /** Puts a policy for what is called so. */
  async policy(short: string, definition: Arguments, rest: PolicyBody = {}): Promise<void> {
    await this.put('policy', short, definition, rest);
  }

  async operatorPolicy(short: string, definition: Arguments, rest: PolicyBody = {}): Promise<void> {
    await this.put('operator-policy', short, definition, rest);
  }

  private async put(kind: PolicyKind, short: string, definition: Arguments, rest: PolicyBody): Promise<void> {
    const pattern = `^${this.name('').replaceAll('.', '\\.')}`;
    const refused = await this.broker.put(kind, this.name(short), { pattern, definition, ...rest });
    if (refused !== undefined) throw new Error(refused);
    this.made.push([kind, this.name(short)]);
  }

  async drop(kind: PolicyKind, short: string): Promise<void> {
    await this.broker.drop(kind, this.name(short));
  }

  async queue(short: string, args: Arguments = {}, options: object = {}): Promise<void> {
    await this.session.channel.assertQueue(this.name(short), { ...options, arguments: args });
    this.queues.add(this.name(short));
  }

  async quorumQueue(short: string, args: Arguments = {}): Promise<void> {
    await this.queue(short, { 'x-queue-type': 'quorum', ...args });
  }

  async exchange(short: string, type: string, args: Arguments = {}): Promise<void> {
    await this.session.channel.assertExchange(this.name(short), type, { arguments: args });
    this.exchanges.add(this.name(short));
  }

  /** Publishes texts, one after the other; returns which were confirmed. */
  async publish(short: string, ...texts: string[]): Promise<void> {
    const confirmed: boolean[] = [];
    for (const text of texts) {
      confirmed.push(
        await new Promise((resolve) => {
          this.session.channel.sendToQueue(this.name(short), Buffer.from(text), {}, (error) =>
            resolve(error === null),
          );
        }),
      );
    }
    this.watch.note('confirmed', confirmed);
  }

  /** Watches how many messages a queue has ready. @param until what is waited for, where time has to pass */
  async sees(short: string, until?: number): Promise<void> {
    const look = async (): Promise<number> => {
      const { messageCount } = await this.session.channel.checkQueue(this.name(short));
      return messageCount;
    };
    await this.watch.see(`${short} has ready`, look, until);
  }

  /** Watches a queue go; looking does not count as use. */
  async goes(short: string): Promise<void> {
    const look = async (): Promise<boolean> => (await this.broker.showQueue(this.name(short))) === undefined;
    await this.watch.see(`${short} is gone`, look, true);
  }

  /** Watches what is shown of a queue. */
  async shows(short: string): Promise<void> {
    await this.watch.see(`${short} is shown`, () => this.broker.showQueue(this.name(short)));
  }

  async showsExchange(short: string): Promise<void> {
    await this.watch.see(`${short} is shown`, () => this.broker.showExchange(this.name(short)));
  }

  /** Gets a message that is or will be there. */
  async get(short: string): Promise<GetMessage> {
    let got: GetMessage | false = false;
    const end = Date.now() + 5_000;
    while (got === false && Date.now() < end) got = await this.session.channel.get(this.name(short));
    if (got === false) throw new Error(`${short} stays empty`);
    return got;
  }

  /** Gets and acknowledges so many messages, and notes them with what is said of their deaths. */
  async takes(short: string, count = 1): Promise<void> {
    for (let index = 0; index < count; index++) {
      const got = await this.get(short);
      this.session.channel.ack(got);
      const deaths = (got.properties.headers?.['x-death'] ?? []) as unknown as { reason: string }[];
      this.watch.note(`${short} gives`, [
        got.content.toString(),
        got.fields.routingKey.replace(this.prefix, ''),
        deaths.map(({ reason }) => reason),
      ]);
    }
  }

  async close(): Promise<void> {
    for (const [kind, name] of this.made) await this.broker.drop(kind, name);
    const channel = await this.session.connection.createChannel();
    for (const name of this.queues) await channel.deleteQueue(name);
    for (const name of this.exchanges) await channel.deleteExchange(name);
    await this.session.close();
  }
}
