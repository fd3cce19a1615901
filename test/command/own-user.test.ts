import { expect, it } from 'vitest';
import { until } from '../until.js';
import { TemporaryDirectory, WarrenProcess } from '../warren-process.js';

/** What printed to the standard error is as JSON, a line each. */
function linesOf(text: string): { level: number; msg: string }[] {
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as { level: number; msg: string });
}

async function ask(
  warren: WarrenProcess,
  administrator: string,
  method: string,
  path: string,
): Promise<unknown> {
  const response = await fetch(`${warren.address('management')}/api/${path}`, {
    method,
    headers: { authorization: `Basic ${Buffer.from(administrator).toString('base64')}` },
  });
  if (!response.ok) throw new Error(`${method} ${path}: ${response.status}`);
  return response.status === 204 ? undefined : await response.json();
}

it('warren up needs no guest: once it is deleted, its parts still do their work', async () => {
  using directory = new TemporaryDirectory();
  const environment = { WARREN_DATA_DIR: directory.path };
  const first = await WarrenProcess.start(['up'], environment);
  const [, user, password] = /administrator is (\S+) with the password (\S+)/.exec(first.stdout) ?? [];
  const administrator = `${user}:${password}`;
  await ask(first, administrator, 'DELETE', 'users/guest');
  expect((await first.end()).exitCode).toBe(0);

  await using second = await WarrenProcess.start(['up'], environment);
  expect(second.stdout).not.toContain('administrator');
  const connections = await until('the collector consumes', async () => {
    const queues = (await ask(second, administrator, 'GET', 'queues/%2F')) as {
      name: string;
      consumers: number;
    }[];
    if (!queues.some(({ name, consumers }) => name === 'logs.index' && consumers > 0)) return undefined;
    return (await ask(second, administrator, 'GET', 'connections')) as { user: string }[];
  });
  expect(new Set(connections.map(({ user: name }) => name))).toEqual(new Set(['warren']));
}, 60_000);

it('logs as JSON, and not through itself, when asked', async () => {
  using directory = new TemporaryDirectory();
  await using broker = await WarrenProcess.start(['broker'], {
    WARREN_DATA_DIR: directory.path,
    WARREN_LOG_FORMAT: 'json',
    WARREN_LOG_PUBLISH: 'false',
  });
  const administrator =
    /administrator is (\S+) with the password (\S+)/.exec(broker.stdout)?.slice(1).join(':') ?? '';
  const listens = await until('it says that it listens', async () =>
    linesOf(broker.stderr).find(({ msg }) => msg === 'The broker listens'),
  );
  expect(listens.level).toBe(30);
  expect(await ask(broker, administrator, 'GET', 'connections')).toEqual([]);
}, 30_000);
