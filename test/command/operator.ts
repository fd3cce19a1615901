/** Who types `warren broker …` commands at a broker, in a test. */
import { expect } from 'vitest';
import { startManagedRabbitmq } from '../interop/management/managed-server.js';
import { missingRabbitmq } from '../interop/rabbitmq.js';
import { type Outcome, TemporaryDirectory, WarrenProcess } from '../warren-process.js';

/** A broker that is operated. */
export interface OperatedBroker {
  managementUrl: string;
  amqpUrl: string;
  stop(): Promise<void>;
}

/** The brokers that every command is tried at. */
export const BROKERS: readonly {
  name: 'Warren' | 'RabbitMQ';
  missing: string | undefined;
  start(): Promise<OperatedBroker>;
}[] = [
  { name: 'Warren', missing: undefined, start: startWarren },
  { name: 'RabbitMQ', missing: missingRabbitmq(), start: startRabbitmq },
];

async function startWarren(): Promise<OperatedBroker> {
  const directory = new TemporaryDirectory();
  const running = await WarrenProcess.start(['broker'], {
    WARREN_DATA_DIR: directory.path,
    // Its own log would be one more connection in the listings.
    WARREN_LOG_LEVEL: 'silent',
  });
  return {
    managementUrl: running.address('management').replace('//', '//guest:guest@'),
    amqpUrl: running.brokerUrl,
    async stop() {
      await running[Symbol.asyncDispose]();
      directory[Symbol.dispose]();
    },
  };
}

async function startRabbitmq(): Promise<OperatedBroker> {
  const { host, port, managementPort, stop } = await startManagedRabbitmq();
  return {
    managementUrl: `http://guest:guest@${host}:${managementPort}`,
    amqpUrl: `amqp://guest:guest@${host}:${port}`,
    stop,
  };
}

export class Operator {
  readonly #environment: Record<string, string>;

  constructor(environment: Record<string, string>) {
    this.#environment = environment;
  }

  static at(broker: OperatedBroker): Operator {
    return new Operator({ WARREN_MANAGEMENT_URL: broker.managementUrl });
  }

  /** The same command line with other variables. */
  with(environment: Record<string, string>): Operator {
    return new Operator({ ...this.#environment, ...environment });
  }

  /** Runs a command to its end, whatever that is; `input` is its standard input. */
  async run(words: readonly string[], input = ''): Promise<Outcome> {
    const running = new WarrenProcess(['broker', ...words], this.#environment);
    running.child.stdin?.end(input);
    return await running.outcome();
  }

  /** Runs a command that has to succeed; what it printed. */
  async does(words: readonly string[], input?: string): Promise<string> {
    const { exitCode, stdout, stderr } = await this.run(words, input);
    expect([words.join(' '), stderr, exitCode]).toEqual([words.join(' '), '', 0]);
    return stdout;
  }

  /** Runs a command that has to fail; what it said. */
  async fails(exitCode: number, words: readonly string[], input?: string): Promise<string> {
    const outcome = await this.run(words, input);
    expect([words.join(' '), outcome.exitCode, outcome.stdout]).toEqual([words.join(' '), exitCode, '']);
    expect(outcome.stderr).toMatch(/^warren: .*\n$/);
    return outcome.stderr.slice('warren: '.length, -1);
  }

  /** The lines of a listing, as cells. */
  async lists(words: readonly string[]): Promise<string[][]> {
    const lines = (await this.does(words)).split('\n').slice(0, -1);
    return lines.map((line) => line.split('\t'));
  }
}
