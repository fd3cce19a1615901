/** `warren broker` commands about users, permissions, virtual hosts, limits, parameters and definitions. */
import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { connect } from 'amqplib';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { describeWith } from '../interop/requirement.js';
import { until } from '../until.js';
import { TemporaryDirectory } from '../warren-process.js';
import { BROKERS, type OperatedBroker, Operator } from './operator.js';

// Every command is a process.
vi.setConfig({ testTimeout: 120_000, hookTimeout: 90_000 });

for (const { name: brokerName, missing, start } of BROKERS) {
  describeWith(missing, `warren broker commands at ${brokerName}`, () => {
    let broker: OperatedBroker;
    let operator: Operator;
    let directory: TemporaryDirectory;

    beforeAll(async () => {
      directory = new TemporaryDirectory();
      broker = await start();
      operator = Operator.at(broker);
    });

    afterAll(async () => {
      await broker.stop();
      directory[Symbol.dispose]();
    });

    it('give an application its own virtual host and user, by which it gets in', async () => {
      await operator.does([
        'add-vhost',
        'shop',
        '--description',
        'the shop',
        '--default-queue-type',
        'quorum',
      ]);
      await operator.does(['set-vhost-tags', 'shop', 'production', 'north']);
      expect(
        await operator.lists(['list-vhosts', 'name,description,tags,default_queue_type']),
      ).toContainEqual(['shop', 'the shop', 'production,north', 'quorum']);
      expect(await operator.fails(1, ['add-vhost', 'shop'])).toMatch(
        /^there is a virtual host 'shop' already/,
      );
      await operator.does(['add-user', 'service'], 'secret\n');
      expect(await operator.fails(1, ['add-user', 'service'], 'other\n')).toMatch(
        /^there is a user 'service'/,
      );
      await operator.does(['set-permissions', '-p', 'shop', 'service', '^shop\\.', '^shop\\.', '']);
      expect(await operator.lists(['list-permissions', '-p', 'shop', '-s'])).toContainEqual([
        'service',
        '^shop\\.',
        '^shop\\.',
        '',
      ]);
      expect(await operator.lists(['list-user-permissions', 'service'])).toEqual([
        ['vhost', 'configure', 'write', 'read'],
        ['shop', '^shop\\.', '^shop\\.', ''],
      ]);
      const url = `${broker.amqpUrl.replace('guest:guest', 'service:secret')}/shop`;
      const connection = await connect(url);
      const channel = await connection.createChannel();
      await channel.assertQueue('shop.orders');
      await connection.close();
      expect(await operator.lists(['list-queues', '-p', 'shop', '-s', 'name', 'type'])).toEqual([
        ['shop.orders', 'quorum'],
      ]);
      await operator.does(['clear-permissions', '-p', 'shop', 'service']);
      await expect(connect(url)).rejects.toThrow();
      expect(await operator.fails(5, ['set-permissions', 'nobody', '', '', ''])).toMatch(/^there is no user/);
      expect(await operator.fails(5, ['clear-permissions', '-p', 'nowhere', 'service'])).toBe(
        "there is no virtual host 'nowhere'",
      );
      await operator.does(['delete-vhost', 'shop']);
      expect(await operator.fails(5, ['delete-vhost', 'shop'])).toBe("there is no virtual host 'shop'");
    });

    it('take passwords from everywhere but the command line, and keep tags and passwords apart', async () => {
      const file = join(directory.path, 'password');
      writeFileSync(file, 'from the file ü:%\n');
      await operator.does(['add-user', 'anna', '--password-file', file, '--tags', 'management']);
      await operator.does(['authenticate-user', 'anna', '--password-file', file]);
      expect(await operator.fails(4, ['authenticate-user', 'anna'], 'wrong\n')).toMatch(
        /refuses the user 'anna': the name or the password is wrong$/,
      );
      await operator.does(['set-user-tags', 'anna', 'monitoring', 'policymaker']);
      await operator.does(['authenticate-user', 'anna', '--password-file', file]);
      const withVariable = operator.with({ WARREN_USER_PASSWORD: 'from the environment' });
      await withVariable.does(['change-password', 'anna']);
      await operator.does(['authenticate-user', 'anna'], 'from the environment');
      expect(await operator.lists(['list-users', '-s'])).toContainEqual(['anna', 'monitoring,policymaker']);
      await operator.does(['set-user-tags', 'anna']);
      // Who has no tag does not get into the management API, and has the password all the same.
      await operator.does(['authenticate-user', 'anna'], 'from the environment');
      await operator.does(['clear-password', 'anna']);
      await operator.fails(4, ['authenticate-user', 'anna'], 'from the environment');
      expect(await operator.fails(5, ['change-password', 'nobody'], 'x')).toBe("there is no user 'nobody'");
      const refused = await operator.fails(2, ['add-user', 'bert', 'very-secret']);
      expect(refused).toMatch(/^a password on the command line is seen by everyone/);
      expect(refused).not.toContain('very-secret');
      expect(await operator.fails(2, ['add-user', 'bert'])).toMatch(/none was given/);
      await operator.does(['delete-user', 'anna']);
      expect(await operator.fails(5, ['delete-user', 'anna'])).toBe("there is no user 'anna'");
    });

    it('make hashes that the broker takes as its own', async () => {
      for (const algorithm of ['sha256', 'sha512']) {
        const hashing = ['--hashing-algorithm', algorithm];
        const hash = await operator.does(['hash-password', ...hashing], 'secret');
        await operator.does(['add-user', algorithm, '--pre-hashed-password', ...hashing], hash);
        await operator.does(['authenticate-user', algorithm], 'secret');
        await operator.fails(4, ['authenticate-user', algorithm], 'Secret');
        await operator.does(['delete-user', algorithm]);
      }
    });

    it('set and clear topic permissions and limits', async () => {
      await operator.does(['add-user', 'anna'], 'secret');
      await operator.does(['set-topic-permissions', 'anna', 'amq.topic', '^{username}\\.', '.*']);
      expect(await operator.lists(['list-topic-permissions', '-p', '/', '-s'])).toEqual([
        ['anna', 'amq.topic', '^{username}\\.', '.*'],
      ]);
      await operator.does(['clear-topic-permissions', 'anna', 'amq.topic']);
      expect(await operator.does(['list-user-topic-permissions', 'anna'])).toBe('');
      await operator.does(['set-user-limits', 'anna', '{"max-connections":0}']);
      await operator.does(['set-vhost-limits', 'max-queues=1', 'max-connections=7']);
      expect(await operator.lists(['list-user-limits', '-s'])).toEqual([['anna', '{"max-connections":0}']]);
      expect(await operator.lists(['list-vhost-limits', '-s', 'limits.max-queues', 'vhost'])).toEqual([
        ['1', '/'],
      ]);
      await operator.does(['clear-user-limits', 'anna', 'max-connections']);
      await operator.does(['clear-vhost-limits']);
      expect(await operator.does(['list-user-limits'])).toBe('');
      expect(await operator.does(['list-vhost-limits', '--json'])).not.toContain('max-');
      expect(await operator.fails(5, ['set-user-limits', 'nobody', 'max-channels=1'])).toBe(
        "there is no user 'nobody'",
      );
      expect(await operator.fails(5, ['clear-vhost-limits', '-p', 'nowhere'])).toBe(
        "there is no virtual host 'nowhere'",
      );
      expect(await operator.fails(1, ['set-vhost-limits', 'max-nonsense=1'])).toMatch(
        /^the broker refuses: /,
      );
      await operator.does(['delete-user', 'anna']);
    });

    it('bound queues by a policy, and by an operator policy above it', async () => {
      await operator.does(['declare-queue', 'shop.orders']);
      const policy = ['bounded', '^shop\\.', 'max-length=10', 'overflow=reject-publish'];
      await operator.does(['set-policy', '--apply-to', 'queues', '--priority', '3', ...policy]);
      await operator.does(['set-operator-policy', 'above', '.*', '{"max-length":5}']);
      expect(await operator.lists(['list-policies'])).toEqual([
        ['vhost', 'name', 'pattern', 'apply-to', 'definition', 'priority'],
        ['/', 'bounded', '^shop\\.', 'queues', '{"max-length":10,"overflow":"reject-publish"}', '3'],
      ]);
      expect(await operator.lists(['list_operator_policies', '-s', 'name', 'definition.max-length'])).toEqual(
        [['above', '5']],
      );
      // RabbitMQ tells of what is new only now and then.
      await until('the queue has both policies', async () => {
        const columns = ['policy', 'operator_policy', 'name'];
        // Before that not even the columns are there.
        const { stdout } = await operator.run(['list-queues', '-s', '-p', '/', ...columns]);
        return stdout === 'bounded\tabove\tshop.orders\n' ? true : undefined;
      });
      expect(await operator.fails(1, ['set-policy', 'wrong', '.*', 'max-length=-1'])).toMatch(
        /^the broker refuses: Validation failed; -1 is not a valid maximum length/,
      );
      expect(await operator.fails(2, ['set-policy', 'wrong', '.*', 'max-length'])).toMatch(/key=value/);
      await operator.does(['clear-policy', 'bounded']);
      await operator.does(['clear-operator-policy', 'above']);
      expect(await operator.fails(5, ['clear-policy', 'bounded'])).toBe(
        "there is no policy 'bounded' in the virtual host '/'",
      );
      await operator.does(['delete-queue', 'shop.orders']);
    });

    it('set parameters and the name of the cluster', async () => {
      await operator.does(['set-global-parameter', 'region', '{"name":"north"}']);
      expect(await operator.lists(['list-global-parameters', '-s'])).toContainEqual([
        'region',
        '{"name":"north"}',
      ]);
      await operator.does(['clear-global-parameter', 'region']);
      expect(await operator.fails(5, ['clear-global-parameter', 'region'])).toBe(
        "there is no global parameter 'region'",
      );
      expect(await operator.fails(1, ['set-parameter', 'nonsense', 'a', '1'])).toMatch(
        /component nonsense not found/,
      );
      await operator.does(['set-cluster-name', 'north']);
      expect(await operator.does(['cluster-name'])).toBe('north\n');
    });

    it('move definitions by a file that its owner alone can read', async () => {
      const file = join(directory.path, 'definitions.json');
      await operator.does(['add-vhost', 'moved']);
      await operator.does(['add-user', 'mover'], 'secret');
      await operator.does(['declare-queue', '-p', 'moved', 'orders']);
      expect(await operator.does(['export-definitions', file])).toMatch(/users, .*vhosts, .*queues/);
      expect(statSync(file).mode & 0o777).toBe(0o600);
      expect(JSON.parse(readFileSync(file, 'utf8')).queues).toMatchObject([
        { name: 'orders', vhost: 'moved' },
      ]);
      const ofOne = JSON.parse(await operator.does(['export-definitions', '-p', 'moved', '-']));
      expect(ofOne.queues).toMatchObject([{ name: 'orders' }]);
      await operator.does(['delete-vhost', 'moved']);
      await operator.does(['delete-user', 'mover']);
      await operator.does(['import-definitions', file]);
      expect(await operator.lists(['list-queues', '-s', 'vhost', 'name'])).toEqual([['moved', 'orders']]);
      await operator.does(['authenticate-user', 'mover'], 'secret');
      expect(await operator.fails(2, ['import-definitions', '-'], 'no JSON')).toMatch(/^- is no JSON/);
      expect(await operator.fails(2, ['import-definitions', '-'], '[]')).toMatch(/no definitions file/);
      expect(await operator.fails(2, ['import-definitions', `${file}.nix`])).toMatch(
        /cannot be read \(ENOENT\)/,
      );
      expect(await operator.fails(1, ['export-definitions', directory.path])).toMatch(/cannot be written/);
      await operator.does(['delete-vhost', 'moved']);
    });
  });
}
