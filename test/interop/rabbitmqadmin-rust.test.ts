// RabbitMQ's present rabbitmqadmin, the one in Rust: what its users type does the same, and prints the same, with RabbitMQ's
// management API and with ours. It reads what RabbitMQ 4 answers strictly; what 3.10 cannot answer is asked of ours alone.
import { afterAll, beforeAll, expect, test } from 'vitest';
import { CommandLine, type Outcome, type Tool } from './management/command-line.js';
import { type ManagedServer, startManagedBroker, startManagedRabbitmq } from './management/managed-server.js';
import { missingRustRabbitmqadmin, rustRabbitmqadmin } from './management/rust-rabbitmqadmin.js';
import { missingRabbitmq } from './rabbitmq.js';
import { describeWith } from './requirement.js';

const SESSION_MS = 60_000;

const rabbitmqadmin: Tool = {
  program: rustRabbitmqadmin,
  argumentsFor: ({ host, managementPort }) => ['--host', host, '--port', String(managementPort)],
  // What a queue's state and memory are RabbitMQ tells after a while, and of a virtual host 3.10 knows less than 4.
  ownColumns:
    /^(memory|node|state|leader|members|online|consumer_utilisation|password_hash|default_queue_type|protected_from_deletion|\w+_port)$/,
};

describeWith(missingRabbitmq() ?? missingRustRabbitmqadmin, 'The rabbitmqadmin of crates.io', () => {
  let rabbitmq: ManagedServer;
  let broker: ManagedServer;

  beforeAll(async () => {
    [rabbitmq, broker] = await Promise.all([startManagedRabbitmq(), startManagedBroker()]);
  }, 90_000);

  afterAll(async () => {
    await broker?.stop();
    await rabbitmq?.stop();
  });

  async function play(server: ManagedServer, commands: readonly (string | string[])[]): Promise<Outcome[]> {
    const line = await CommandLine.start(rabbitmqadmin, server);
    try {
      for (const command of commands) await line.run(command);
      return line.outcomes;
    } finally {
      await line.stop();
    }
  }

  /** Runs the same commands with both servers and compares what was printed. */
  async function compare(...commands: (string | string[])[]): Promise<void> {
    const [wanted, answered] = await Promise.all([play(rabbitmq, commands), play(broker, commands)]);
    expect(answered).toEqual(wanted);
  }

  /** Runs commands with ours, each of which must do what it is for, and gives what each printed. */
  async function succeed(...commands: (string | string[])[]): Promise<readonly (readonly string[])[]> {
    const outcomes = await play(broker, commands);
    expect(outcomes.filter(({ code }) => code !== 0)).toEqual([]);
    return outcomes.map(({ printed }) => printed);
  }

  test(
    'virtual hosts, users, permissions and limits',
    async () => {
      await compare(
        'declare vhost --name v --description described --tracing',
        'declare vhost --name v --description described',
        'list vhosts',
        'declare user --name u --password p --tags management',
        'declare user --name hashed --password-hash AAAAAGLGDyOOMO7fCHEbrJ9mEBzZrmLUoVi/2pXRqqLl2BYE --tags none',
        'list users',
        '--vhost v declare permissions --username u --configure ^a --write .* --read .*',
        '--vhost v declare permissions --username nobody --configure ^a --write .* --read .*',
        'list permissions',
        'users permissions --name u',
        '--vhost v declare vhost_limit --name max-queues --value 10',
        'list vhost_limits',
        '--vhost v list vhost_limits',
        'declare user_limit --username u --name max-connections --value 10',
        'list user_limits',
        'list user_limits --username u',
        'delete user_limit --username u --name max-connections',
        '--vhost v delete vhost_limit --name max-queues',
        '--vhost v delete permissions --username u',
        'delete user --name u',
        'delete user --name u',
        'delete user --name u --idempotently',
        'delete user --name hashed',
        'delete vhost --name v',
        'delete vhost --name v',
        '--username guest --password wrong list nodes',
      );
    },
    SESSION_MS,
  );

  test(
    'exchanges, queues and bindings',
    async () => {
      await compare(
        'declare vhost --name w',
        '--vhost w declare queue --name classic --type classic --durable true --auto-delete false',
        '--vhost w declare queue --name quorum --type quorum --durable true --auto-delete false',
        '--vhost w declare queue --name classic --type classic --durable true --auto-delete true',
        ['--vhost', 'w', 'declare', 'queue', '--name', 'a/b %', '--arguments', '{"x-max-length":10}'],
        '--vhost w declare exchange --name x --type topic --durable true --auto-delete false',
        '--vhost w declare exchange --name y --type fanout',
        '--vhost w declare exchange --name z --type nonsense',
        '--vhost w declare binding --source x --destination-type queue --destination classic --routing-key a.#',
        '--vhost w declare binding --source x --destination-type exchange --destination y --routing-key b',
        '--vhost w declare binding --source none --destination-type queue --destination classic --routing-key b',
        '--vhost w list queues',
        '--vhost w list exchanges',
        '--vhost w list bindings',
        '--vhost w queues show --name classic',
        '--vhost w queues show --name none',
        '--vhost w delete binding --source x --destination-type queue --destination classic --routing-key a.# --arguments {}',
        '--vhost w delete queue --name classic',
        '--vhost w delete queue --name classic',
        '--vhost w delete queue --name classic --idempotently',
        '--vhost w delete exchange --name x',
        '--vhost w delete exchange --name amq.direct',
        '--vhost w list bindings',
        'delete vhost --name w',
      );
    },
    SESSION_MS,
  );

  test(
    'messages',
    async () => {
      await compare(
        'declare queue --name q --type classic --durable true',
        'publish message --routing-key q --payload hello',
        [
          'publish',
          'message',
          '--routing-key',
          'q',
          '--payload',
          'two',
          '--properties',
          '{"delivery_mode":2}',
        ],
        'publish message --routing-key none --payload lost',
        'publish message --exchange none --routing-key q --payload lost',
        'get messages --queue q',
        'get messages --queue q --count 5 --ack-mode ack_requeue_true',
        'purge queue --name q',
        'purge queue --name none',
        'get messages --queue q',
        'delete queue --name q',
      );
    },
    SESSION_MS,
  );

  test(
    'policies, operator policies and parameters',
    async () => {
      const policy = (kind: string, name: string, definition: string, ...more: string[]) => [
        'declare',
        kind,
        '--name',
        name,
        '--pattern',
        '^q',
        '--apply-to',
        'queues',
        '--definition',
        definition,
        ...more,
      ];
      await compare(
        policy('policy', 'p', '{"max-length":10}', '--priority', '3'),
        policy('policy', 'bad', '{"nonsense":10}', '--priority', '3'),
        'list parameters',
        policy('operator_policy', 'o', '{"max-length":5}'),
        'list policies',
        'list operator_policies',
        'policies list_matching_object --name q1 --type queues',
        ['policies', 'patch', '--name', 'p', '--definition', '{"message-ttl":1000}'],
        'policies list_in',
        'policies delete_definition_keys --name p --definition-keys message-ttl',
        'list policies',
        'delete policy --name p',
        'delete policy --name p',
        'delete operator_policy --name o',
        ['global_parameters', 'set', '--name', 'g', '--value', '{"a":1}'],
        'global_parameters clear --name g',
        'federation list_all_upstreams',
        'federation list_all_links',
        'shovels list_all',
      );
    },
    SESSION_MS,
  );

  test(
    'definitions, there and back',
    async () => {
      await compare(
        'declare vhost --name d',
        '--vhost d declare queue --name q --type classic --durable true',
        '--vhost d declare binding --source amq.topic --destination-type queue --destination q --routing-key a.*',
        'definitions export --file {directory}/all.json',
        '--vhost d definitions export_from_vhost --file {directory}/one.json',
        'delete vhost --name d',
        'definitions import --file {directory}/all.json',
        '--vhost d list queues',
        '--vhost d list bindings',
        'declare vhost --name e',
        '--vhost e definitions import_into_vhost --file {directory}/one.json',
        '--vhost e list queues',
        'delete vhost --name d',
        'delete vhost --name e',
      );
    },
    SESSION_MS,
  );

  test(
    'health checks, and lists that are empty',
    async () => {
      await compare(
        'health_check local_alarms',
        'health_check cluster_wide_alarms',
        'health_check node_is_quorum_critical',
        'health_check port_listener --port 1',
        'health_check protocol_listener --protocol amqp',
        'list connections',
        'list channels',
        'list consumers',
        'list user_connections --username guest',
        'rebalance queues',
        'close connection --name none',
        'close connection --name none --idempotently',
      );
    },
    SESSION_MS,
  );

  test(
    'what RabbitMQ 4 tells and 3.10 does not',
    async () => {
      const [overview, , , , nodes, plugins] = await succeed(
        'show overview',
        'show churn',
        'show memory_breakdown_in_bytes --node {node}',
        'show memory_breakdown_in_percent --node {node}',
        'list nodes',
        'plugins list_all',
        'list feature_flags',
        'feature_flags enable_all',
        'list deprecated_features',
        'list deprecated_features_in_use',
        'auth_attempts stats --node {node}',
      );
      expect(overview).toContain('Product name | Warren');
      expect(nodes?.join()).toContain('<node>');
      expect(plugins?.join()).toContain('rabbitmq_management');
    },
    SESSION_MS,
  );

  test(
    'virtual hosts are protected from deletion as RabbitMQ 4 does',
    async () => {
      const [, , , listed] = await succeed(
        'declare vhost --name kept --default-queue-type quorum',
        'vhosts enable_deletion_protection --name kept',
        'vhosts disable_deletion_protection --name kept',
        'list vhosts',
        'vhosts enable_deletion_protection --name kept',
      );
      expect(listed?.join()).toContain('kept');
      const [refused] = await play(broker, ['delete vhost --name kept']);
      expect(refused?.code).not.toBe(0);
      expect(refused?.printed.join()).toContain('protected from deletion');
      await succeed('vhosts disable_deletion_protection --name kept', 'delete vhost --name kept');
    },
    SESSION_MS,
  );
});
