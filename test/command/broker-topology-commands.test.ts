/** `warren broker` commands about queues, exchanges, bindings, messages, policies and connections. */
import { once } from 'node:events';
import { connect } from 'amqplib';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { describeWith } from '../interop/requirement.js';
import { until } from '../until.js';
import { BROKERS, type OperatedBroker, Operator } from './operator.js';

// Every command is a process.
vi.setConfig({ testTimeout: 120_000, hookTimeout: 90_000 });

for (const { name: brokerName, missing, start } of BROKERS) {
  describeWith(missing, `warren broker commands at ${brokerName}`, () => {
    let broker: OperatedBroker;
    let operator: Operator;

    beforeAll(async () => {
      broker = await start();
      operator = Operator.at(broker);
    });

    afterAll(() => broker.stop());

    /** RabbitMQ tells of what is new only now and then. */
    const untilListed = (command: string, count: number): Promise<unknown> =>
      until(`${command} lists ${count}`, async () =>
        (await operator.lists([command, '-s', 'name'])).length === count ? true : undefined,
      );

    it('tell what broker it is, how it is, and as whom they ask', async () => {
      const rows = new Map((await operator.lists(['status'])) as [string, string][]);
      expect(rows.get('broker')).toMatch(new RegExp(`^${brokerName} \\d+\\.\\d+\\.\\d+$`));
      expect(rows.get('alarms')).toBe('none');
      expect(rows.get('queues')).toBe('0');
      expect(JSON.parse(await operator.does(['status', '--json']))).toMatchObject({
        overview: { product_name: brokerName },
        nodes: [{ running: true }],
      });
      expect(await operator.does(['whoami'])).toBe('guest\tadministrator\n');
      expect(await operator.does(['ping'])).toBe('The broker answers\n');
      expect(await operator.does(['ping', '--quiet'])).toBe('');
    });

    it('run health checks, and fail as soon as one does', async () => {
      const all = await operator.does(['health']);
      expect(all).toMatch(/^ok {6}local-alarms$/m);
      expect(all).not.toMatch(/failed/);
      const { port } = new URL(broker.amqpUrl);
      const checks = ['--check', `port-listener/${port}`, '--check', 'port-listener/1'];
      const { exitCode, stdout } = await operator.run(['health', ...checks]);
      expect(exitCode).toBe(1);
      expect(stdout).toMatch(new RegExp(`^ok {6}port-listener/${port}\nfailed {2}port-listener/1: .+\n$`));
      expect((await operator.run(['health', '--quiet', ...checks])).stdout).toMatch(/^failed/);
      expect(await operator.fails(5, ['health', '--check', 'nix'])).toBe("there is no health check 'nix'");
    });

    it('declare, list and delete queues and exchanges, with whatever is in their names', async () => {
      const name = 'a/b %2F ünï "#?';
      await operator.does(['declare-queue', name, '--type', 'quorum', '--argument', 'x-delivery-limit=5']);
      await operator.does(['declare_queue', 'passing', '--transient', '--auto-delete']);
      await operator.does(['declare-exchange', 'shop', '--type', 'topic', '--internal']);
      expect(
        await operator.lists(['list-queues', 'name,type', 'durable', 'arguments.x-delivery-limit']),
      ).toEqual([
        ['name', 'type', 'durable', 'arguments.x-delivery-limit'],
        [name, 'quorum', 'true', '5'],
        ['passing', 'classic', 'false', ''],
      ]);
      const exchanges = await operator.lists(['list_exchanges', '-s', 'name', 'type', 'internal']);
      expect(exchanges).toContainEqual(['shop', 'topic', 'true']);
      expect(exchanges).toContainEqual(['amq.direct', 'direct', 'false']);
      expect(await operator.fails(1, ['declare-exchange', 'shop'])).toMatch(
        /^the broker refuses: .*inequivalent arg 'type' for exchange 'shop'/,
      );
      for (const queue of [name, 'passing']) await operator.does(['delete-queue', queue]);
      expect(await operator.fails(5, ['delete-queue', name])).toBe(
        `there is no queue '${name}' in the virtual host '/'`,
      );
      await operator.does(['delete-exchange', 'shop']);
      expect(await operator.fails(5, ['delete-exchange', 'shop'])).toMatch(/^there is no exchange 'shop'/);
      expect(await operator.fails(5, ['declare-queue', '-p', 'nowhere', 'x'])).toBe(
        "there is no virtual host 'nowhere'",
      );
    });

    it('bind, and unbind the one binding that is meant', async () => {
      await operator.does(['declare-queue', 'orders']);
      await operator.does(['declare-exchange', 'shop', '--type', 'headers']);
      const argument = ['--argument', 'kind=order', '--argument', 'number=1'];
      await operator.does(['bind', 'shop', 'orders', '--routing-key', 'a/#']);
      await operator.does(['bind', 'shop', 'orders', '--routing-key', 'a/#', ...argument]);
      await operator.does(['bind', 'shop', 'amq.fanout', '--to-exchange']);
      const listed = ['list-bindings', '-s', 'source_name', 'destination_name', 'routing_key', 'arguments'];
      const ours = async () => (await operator.lists(listed)).filter(([source]) => source === 'shop');
      expect(await ours()).toHaveLength(3);
      await operator.does(['unbind', 'shop', 'orders', '--routing-key', 'a/#', ...argument]);
      await operator.does(['unbind', 'shop', 'amq.fanout', '--to-exchange']);
      expect(await ours()).toEqual([['shop', 'orders', 'a/#', '{}']]);
      expect(await operator.fails(5, ['unbind', 'shop', 'orders', '--routing-key', 'b'])).toMatch(
        /^the queue 'orders' is not bound to the exchange 'shop' with the routing key 'b'$/,
      );
      expect(await operator.fails(5, ['bind', 'shop', 'nix'])).toMatch(/^there is no queue 'nix'/);
      expect(await operator.fails(5, ['bind', 'nix', 'orders'])).toMatch(/^there is no exchange 'nix'/);
      await operator.does(['delete-exchange', 'shop']);
      await operator.does(['delete-queue', 'orders']);
    });

    it('publish, look at messages, take them and purge', async () => {
      await operator.does(['declare-queue', 'orders']);
      const properties = ['--property', 'content_type=text/plain', '--header', 'attempt=1'];
      const publish = ['publish', '--routing-key', 'orders'];
      await operator.does([...publish, '--payload', 'one', ...properties]);
      await operator.does(publish, 'two\u0000');
      expect(await operator.fails(1, ['publish', '--routing-key', 'nix', '--payload', 'x'])).toMatch(
        /^no queue took the message/,
      );
      expect(await operator.fails(5, ['publish', '--exchange', 'nix', '--payload', 'x'])).toMatch(
        /^there is no exchange 'nix'/,
      );
      expect(JSON.parse(await operator.does(['get', 'orders', '--count', '5', '--json']))).toMatchObject([
        {
          payload: 'one',
          redelivered: false,
          properties: { content_type: 'text/plain', delivery_mode: 2, headers: { attempt: 1 } },
        },
        { payload: 'two\u0000' },
      ]);
      expect(await operator.does(['get', 'orders', '--remove'])).toMatch(
        /^exchange '', routing key 'orders', redelivered\n {2}\{.*\}\n {2}one\n$/,
      );
      expect(await operator.does(['get', 'orders'])).toMatch(/\n {2}two\\x00\n$/);
      expect(await operator.fails(1, ['delete-queue', 'orders', '--if-empty'])).toMatch(/not empty/);
      await operator.does(['purge-queue', 'orders']);
      expect(await operator.does(['get', 'orders'])).toBe('');
      await operator.does(['delete-queue', 'orders', '--if-empty', '--if-unused']);
      expect(await operator.fails(5, ['get', 'orders'])).toMatch(/^there is no queue 'orders'/);
      expect(await operator.fails(5, ['purge-queue', 'orders'])).toMatch(/^there is no queue 'orders'/);
    });

    it('browse at Warren, and say at another broker what can be done instead', async () => {
      await operator.does(['declare-queue', 'browsed']);
      for (const payload of ['one', 'two', 'three']) {
        await operator.does(['publish', '--routing-key', 'browsed', '--payload', payload]);
      }
      if (brokerName === 'Warren') {
        const browse = async (...words: string[]) => {
          const shown = await operator.does(['browse', 'browsed', '--json', '--count', '9', ...words]);
          return (JSON.parse(shown) as { payload: string }[]).map(({ payload }) => payload);
        };
        expect(await browse()).toEqual(['one', 'two', 'three']);
        expect(await browse('--offset', '1')).toEqual(['two', 'three']);
        expect(await browse('--contains', 't', '--count', '1')).toEqual(['two']);
        expect(await operator.does(['browse', 'browsed'])).toMatch(/^0: exchange ''/);
        const [untouched] = JSON.parse(await operator.does(['get', 'browsed', '--json']));
        expect(untouched).toMatchObject({ payload: 'one', redelivered: false });
      } else {
        expect(await operator.fails(1, ['browse', 'browsed'])).toMatch(
          /^this broker cannot show messages without delivering them; warren broker get browsed/,
        );
      }
      expect(await operator.fails(5, ['browse', 'nix'])).toMatch(/^there is no queue 'nix'/);
      await operator.does(['delete-queue', 'browsed']);
    });

    it('list who is connected, and close connections, with a reason', async () => {
      const connections = await Promise.all(
        ['one', 'two', 'three'].map((name) =>
          connect(broker.amqpUrl, { clientProperties: { connection_name: name } }),
        ),
      );
      const closed = connections.map(async (connection) => {
        const [error] = (await once(connection, 'close')) as [Error];
        return error.message;
      });
      const consuming = await connections[0]?.createChannel();
      await consuming?.assertQueue('consumed', { exclusive: true });
      await consuming?.consume('consumed', () => undefined, { consumerTag: 'tag' });
      await untilListed('list-connections', 3);
      await untilListed('list-channels', 1);
      expect(await operator.lists(['list-consumers', '-s', 'queue_name', 'consumer_tag'])).toEqual([
        ['consumed', 'tag'],
      ]);
      expect(await operator.fails(5, ['close-connection', 'four'])).toMatch(/^there is no connection 'four'/);
      const names = await operator.lists([
        'list-connections',
        '-s',
        'client_properties.connection_name',
        'name',
      ]);
      const second = new Map(names as [string, string][]).get('two') ?? '';
      await operator.does(['close-connection', 'one', 'you are being moved']);
      await operator.does(['close-connection', second.split(' -> ')[0] as string, 'you too']);
      expect(await operator.does(['close-all-connections', '--per-connection-delay', '1', 'all out'])).toBe(
        '1 connections closed\n',
      );
      const messages = await Promise.all(closed);
      expect(messages[0]).toMatch(/320.*you are being moved/);
      expect(messages[1]).toMatch(/320.*you too/);
      expect(messages[2]).toMatch(/320.*all out/);
    });

    it('close the connections of one user alone', async () => {
      await operator.does(['add-user', 'anna'], 'secret\n');
      await operator.does(['set-permissions', 'anna', '.*', '.*', '.*']);
      const [hers, ours] = await Promise.all([
        connect(broker.amqpUrl.replace('guest:guest', 'anna:secret')),
        connect(broker.amqpUrl),
      ]);
      const closed = once(hers, 'close');
      await untilListed('list-connections', 2);
      expect(await operator.does(['close-all-user-connections', 'anna'])).toBe('1 connections closed\n');
      await closed;
      await (await ours.createChannel()).close();
      await ours.close();
      await operator.does(['delete-user', 'anna']);
    });
  });
}
