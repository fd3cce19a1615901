import { expect, test } from 'vitest';
import { startManagedBroker } from '../../test/support/managed-broker.js';
import type { ManagementClient } from '../../test/support/management-client.js';

const RELAYED: Record<string, string>[] = [
  { host: 'elsewhere.example:15672' },
  { host: '127.elsewhere.example' },
  { host: '192.0.2.1:15672' },
  { 'x-forwarded-for': '192.0.2.1' },
  { 'x-forwarded-for': '127.0.0.1, 192.0.2.1' },
  { forwarded: 'for=127.0.0.1' },
];

async function whoami(client: ManagementClient, headers: Record<string, string>): Promise<number> {
  return (await client.send('GET', '/whoami', { headers })).status;
}

test('guest is refused where a proxy, or a name that was made to mean this machine, is between', async () => {
  const { client } = await startManagedBroker();
  await client.put('/users/operator', { password: 'p', tags: 'management' });
  for (const headers of RELAYED) {
    expect(await client.send('GET', '/whoami', { headers })).toMatchObject({
      status: 401,
      json: { error: 'not_authorised', reason: 'User can only log in via localhost' },
    });
    expect(await whoami(client.as('operator', 'p'), headers)).toBe(200);
  }
});

test('guest is let in by each of the names that this machine has for itself', async () => {
  const { client } = await startManagedBroker();
  const hosts = ['localhost', 'localhost:15672', 'warren.localhost:80', '127.0.0.2:1', '[::1]:15672'];
  for (const host of hosts) expect(await whoami(client, { host })).toBe(200);
  expect(await whoami(client, { 'x-forwarded-for': '127.0.0.1, ::1' })).toBe(200);
});

test('guest is let in from anywhere where that is allowed', async () => {
  const { client } = await startManagedBroker({ allowGuestFromAnywhere: true });
  for (const headers of RELAYED) expect(await whoami(client, headers)).toBe(200);
});
