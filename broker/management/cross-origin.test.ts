import { expect, test } from 'vitest';
import { startManagedBroker } from '../../test/support/managed-broker.js';

const FORM = [
  '--b\r\ncontent-disposition: form-data; name="file"\r\n\r\n',
  '{"users":[{"name":"stranger","password":"x","tags":"administrator"}]}\r\n--b--\r\n',
].join('');
const MULTIPART = { 'content-type': 'multipart/form-data; boundary=b' };

test('a form of another site changes nothing, whatever password the browser knows', async () => {
  const { client } = await startManagedBroker();
  const elsewhere: Record<string, string>[] = [
    { 'sec-fetch-site': 'cross-site', origin: 'https://elsewhere.example' },
    { 'sec-fetch-site': 'same-site' },
    { origin: 'https://elsewhere.example' },
    { origin: 'null' },
  ];
  for (const headers of elsewhere) {
    expect(
      await client.send('POST', '/definitions', { text: FORM, headers: { ...MULTIPART, ...headers } }),
    ).toMatchObject({ status: 403, json: { error: 'forbidden' } });
    expect((await client.delete('/vhosts/%2F', headers)).status).toBe(403);
  }
  expect((await client.get('/users/stranger')).status).toBe(404);
});

test('pages of the same origin and links from anywhere are answered', async () => {
  const { broker, client } = await startManagedBroker();
  const here: Record<string, string>[] = [
    { 'sec-fetch-site': 'same-origin', origin: 'https://proxy.example' },
    { 'sec-fetch-site': 'none' },
    { origin: `http://127.0.0.1:${broker.managementPort}` },
    { origin: 'http://proxy.example', 'x-forwarded-host': 'proxy.example' },
    {},
  ];
  for (const headers of here) {
    const answer = await client.send('POST', '/definitions', {
      text: FORM,
      headers: { ...MULTIPART, ...headers },
    });
    expect(answer.status).toBe(204);
  }
  const linked = { 'sec-fetch-site': 'cross-site', origin: 'https://elsewhere.example' };
  expect((await client.send('GET', '/overview', { headers: linked })).status).toBe(200);
});
