// Debian's rabbitmqadmin, the one in Python, of the package rabbitmq-server: what its users type does the same, and
// prints the same, with RabbitMQ's management API and with ours.
import { connect } from 'amqplib';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { CommandLine, type Tool } from './management/command-line.js';
import { type ManagedServer, startManagedBroker, startManagedRabbitmq } from './management/managed-server.js';
import { missingRabbitmq } from './rabbitmq.js';
import { describeWith, runs } from './requirement.js';

const rabbitmqadmin: Tool = {
  program: 'rabbitmqadmin',
  argumentsFor: ({ host, managementPort }) => ['-H', host, '-P', String(managementPort)],
};

/** What a session of some thirty commands may take: each starts a Python. */
const SESSION_MS = 90_000;
/** How long RabbitMQ may take to tell of a connection. */
const TOLD = { timeout: 10_000 };

function whatIsMissing(): string | undefined {
  const missing = missingRabbitmq();
  if (missing !== undefined) return missing;
  if (runs(rabbitmqadmin.program, ['--version'])) return undefined;
  return 'rabbitmqadmin does not run (Debian: apt-get install rabbitmq-server)';
}

describeWith(whatIsMissing(), 'Debian’s rabbitmqadmin', () => {
  let servers: [rabbitmq: ManagedServer, broker: ManagedServer];

  beforeAll(async () => {
    servers = await Promise.all([startManagedRabbitmq(), startManagedBroker()]);
  }, 90_000);

  afterAll(async () => {
    for (const server of servers ?? []) await server.stop();
  });

  /** Runs the same session with both servers and compares what was printed. */
  async function compare(session: (line: CommandLine) => Promise<void>): Promise<void> {
    const lines = await Promise.all(servers.map((server) => CommandLine.start(rabbitmqadmin, server)));
    try {
      await Promise.all(lines.map(session));
      const [wanted, answered] = lines;
      expect(answered?.outcomes).toEqual(wanted?.outcomes);
    } finally {
      for (const line of lines) await line.stop();
    }
  }

  async function runAll(line: CommandLine, commands: readonly (string | string[])[]): Promise<void> {
    for (const command of commands) await line.run(command);
  }

  test(
    'virtual hosts, users and permissions are declared, listed and deleted',
    async () => {
      await compare((line) =>
        runAll(line, [
          'declare vhost name=v',
          'list vhosts name',
          'list vhosts name tracing description',
          'declare user name=u password=p tags=management,monitoring',
          'declare user name=hashed password_hash=AAAAAGLGDyOOMO7fCHEbrJ9mEBzZrmLUoVi/2pXRqqLl2BYE tags=',
          'declare user name=none tags=administrator',
          'list users name tags',
          'declare permission vhost=v user=u configure=^a write=.* read=.*',
          'declare permission vhost=nowhere user=u configure=.* write=.* read=.*',
          'list permissions',
          '-u u -p p list vhosts name',
          '-u u -p wrong list vhosts name',
          '-u u -p p list users name',
          'delete permission vhost=v user=u',
          'declare vhost_limit vhost=v name=max-queues value=5',
          'list vhost_limits',
          'delete vhost_limit vhost=v name=max-queues',
          'delete user name=u',
          'delete user name=u',
          'delete user name=hashed',
          'delete vhost name=v',
          'delete vhost name=v',
        ]),
      );
    },
    SESSION_MS,
  );

  test(
    'exchanges, queues and bindings are declared, listed and deleted',
    async () => {
      await compare(async (line) => {
        await runAll(line, [
          'declare exchange name=x type=topic',
          'declare exchange name=x type=direct',
          'declare exchange name=y type=nonsense',
          'declare exchange name=z type=fanout auto_delete=true durable=false internal=true',
          'declare queue name=q durable=true',
          'declare queue name=quorum queue_type=quorum',
          ['declare', 'queue', 'name=limited', 'arguments={"x-max-length":10,"x-overflow":"reject-publish"}'],
          'declare queue name=q durable=false',
          ['declare', 'queue', 'name=a/b %'],
          'declare binding source=x destination=q routing_key=a.#',
          'declare binding source=x destination=z destination_type=exchange routing_key=b',
          'declare binding source=none destination=q routing_key=a',
          'list exchanges name type durable auto_delete internal',
          'list queues name durable auto_delete arguments type',
          '--sort=name --sort-reverse list queues name',
          'list bindings',
          'list bindings source destination properties_key',
          '-f long list queues name durable arguments',
          '-f tsv list exchanges name type',
          '-f kvp list exchanges name type',
          '-f bash list queues',
          '-f pretty_json list bindings',
          'delete binding source=x destination_type=queue destination=q properties_key=a.%23',
          'delete binding source=x destination_type=queue destination=q properties_key=none',
          'delete queue name=q',
          'delete queue name=q',
          'delete queue name=quorum',
          'delete queue name=limited',
          ['delete', 'queue', 'name=a/b %'],
          'delete exchange name=x',
          'delete exchange name=z',
          'delete exchange name=amq.direct',
          'list queues name',
        ]);
      });
    },
    SESSION_MS,
  );

  test(
    'messages are published, got and purged',
    async () => {
      await compare(async (line) => {
        await line.run('declare queue name=q');
        await line.run(['publish', 'routing_key=q', 'payload=hello é']);
        await line.run([
          'publish',
          'routing_key=q',
          'payload=two',
          'properties={"delivery_mode":2,"headers":{"a":1}}',
        ]);
        await line.run('publish routing_key=none payload=lost');
        await line.run('publish exchange=none routing_key=q payload=lost');
        await line.run('publish routing_key=q payload_encoding=base64 payload=/w==');
        await line.run('publish routing_key=q', 'what was read');
        await runAll(line, [
          'get queue=q count=10',
          'get queue=q count=10 encoding=base64',
          'get queue=q ackmode=ack_requeue_false',
          'get queue=q payload_file={directory}/payload',
          '-f pretty_json get queue=q',
          'get queue=none',
          'purge queue name=q',
          'get queue=q',
          'purge queue name=none',
          'delete queue name=q',
        ]);
      });
    },
    SESSION_MS,
  );

  test(
    'policies, operator policies and parameters are declared, listed and deleted',
    async () => {
      await compare((line) =>
        runAll(line, [
          [
            'declare',
            'policy',
            'name=p',
            'pattern=^q',
            'definition={"max-length":10}',
            'priority=2',
            'apply-to=queues',
          ],
          ['declare', 'policy', 'name=bad', 'pattern=^q', 'definition={"nonsense":10}'],
          ['declare', 'policy', 'name=bad', 'pattern=(', 'definition={"max-length":10}'],
          [
            'declare',
            'operator_policy',
            'name=o',
            'pattern=^q',
            'definition={"max-length":5}',
            'apply-to=queues',
          ],
          ['declare', 'parameter', 'component=nonsense', 'name=p', 'value={}'],
          'list policies',
          'list operator_policies',
          'delete policy name=p',
          'delete policy name=p',
          'delete operator_policy name=o',
          'delete parameter component=nonsense name=p',
        ]),
      );
    },
    SESSION_MS,
  );

  test(
    'definitions are exported and imported',
    async () => {
      await compare(async (line) => {
        await runAll(line, [
          'declare vhost name=v',
          '-V v declare queue name=q durable=true',
          '-V v declare binding source=amq.topic destination=q routing_key=a.*',
          'export {directory}/all.json',
          '-V v export {directory}/one.json',
          'delete vhost name=v',
          'import {directory}/all.json',
          '-V v list queues name durable',
          '-V v list bindings',
          'declare vhost name=w',
          '-V w import {directory}/one.json',
          '-V w list queues name durable',
          'import {directory}/none.json',
          'delete vhost name=v',
          'delete vhost name=w',
        ]);
        const { queues, vhosts } = JSON.parse(await line.file('all.json')) as Record<string, unknown[]>;
        expect({ queues, vhosts: vhosts?.map((vhost) => (vhost as { name: string }).name) }).toEqual({
          queues: [expect.objectContaining({ name: 'q', vhost: 'v', durable: true, auto_delete: false })],
          vhosts: expect.arrayContaining(['/', 'v']),
        });
      });
    },
    SESSION_MS,
  );

  test(
    'connections, channels and consumers are listed, and a connection is closed',
    async () => {
      await compare(async (line) => {
        const { host, port } = line.server;
        const connection = await connect({ hostname: host, port, username: 'guest', password: 'guest' });
        const closed = new Promise<string>((resolve) =>
          connection.once('close', (error) => resolve(String(error))),
        );
        connection.on('error', () => {});
        const channel = await connection.createChannel();
        await channel.assertQueue('q', { exclusive: true });
        await channel.consume('q', () => {}, { consumerTag: 'tag' });
        const told = (path: string, field: string): Promise<void> =>
          expect
            .poll(async () => ((await line.ask('GET', path)) as Record<string, unknown>[])[0]?.[field], TOLD)
            .toBe(1);
        await told('/api/channels', 'consumer_count');
        await told('/api/connections', 'channels');
        const [listed] = (await line.ask('GET', '/api/connections')) as { name: string }[];
        await runAll(line, [
          'list connections',
          'list connections user vhost state protocol channels',
          'list channels user vhost number consumer_count',
          'list consumers consumer_tag queue.name ack_required exclusive',
          'list queues name consumers exclusive',
          ['close', 'connection', `name=${listed?.name}`],
          'close connection name=none',
        ]);
        expect(await closed).toMatch(/CONNECTION_FORCED/);
      });
    },
    SESSION_MS,
  );

  test(
    'the overview and the node are shown',
    async () => {
      await compare((line) =>
        runAll(line, [
          'show overview node object_totals.queues',
          'show overview object_totals.connections rates_mode',
          'list nodes name type running',
          'show nonsense',
          'list nonsense',
        ]),
      );
    },
    SESSION_MS,
  );
});
