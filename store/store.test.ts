import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { LogStore } from './store.js';
import { directoryForTest, start, withLogs } from './store.test.fixture.js';

test('says who it is as the official client expects, with the product header on every reply', async () => {
  const { client, url } = await start();
  const info = await client.info();
  expect(info.version.number).toMatch(/^8\.19\./);
  expect(info.version.build_flavor).toBe('default');
  const missing = await fetch(`${url}/nope/_search`, {
    headers: { accept: 'application/vnd.elasticsearch+json; compatible-with=8' },
  });
  expect(missing.status).toBe(404);
  expect(missing.headers.get('x-elastic-product')).toBe('Elasticsearch');
  expect(missing.headers.get('content-type')).toMatch(
    /^application\/vnd\.elasticsearch\+json;\s*compatible-with="?8/,
  );
});

test('a day file that cannot be read is set aside and the other days are served', async () => {
  const dataDirectory = await directoryForTest();
  const first = await withLogs({ dataDirectory });
  await first.store.stop();
  await writeFile(join(dataDirectory, 'days', '2026-03-29.duckdb'), 'this is not a database');
  const { client } = await start({ dataDirectory });
  expect((await client.count({ index: 'logs-*' })).count).toBe(60 - 24);
  expect(
    (await readdir(join(dataDirectory, 'days'))).some((file) => file.startsWith('2026-03-29.duckdb.broken-')),
  ).toBe(true);
});

test('a directory of a newer format is refused in one line', async () => {
  const dataDirectory = await directoryForTest();
  const first = await withLogs({ dataDirectory });
  await first.store.stop();
  const path = join(dataDirectory, 'catalog.json');
  await writeFile(path, (await readFile(path, 'utf8')).replace('"formatVersion":1', '"formatVersion":99'));
  await expect(LogStore.start({ port: 0, dataDirectory })).rejects.toMatchObject({
    code: 'ERR_WARREN_STORE_FORMAT',
    message: expect.stringMatching(
      /^[^\n]+has format 99 and this version knows 1: use the newer Warren that wrote it$/,
    ),
  });
});

test('a taken port is told with its code, and the directory is free again', async () => {
  const { store } = await start();
  const dataDirectory = await directoryForTest();
  await expect(LogStore.start({ port: store.port, dataDirectory })).rejects.toMatchObject({
    code: 'EADDRINUSE',
    port: store.port,
  });
  await start({ dataDirectory });
});

test('a body larger than allowed is refused with 413', async () => {
  const { url } = await start({ bodyBytesMax: 1000 });
  const answer = await fetch(`${url}/_bulk`, { method: 'POST', body: 'x'.repeat(2000) });
  expect(answer.status).toBe(413);
});

test('an index that is deleted is gone with its documents, also after a restart', async () => {
  const dataDirectory = await directoryForTest();
  const first = await withLogs({ dataDirectory });
  await first.client.indices.deleteDataStream({ name: 'logs-order-test' });
  expect((await first.client.count({ index: 'logs-*' })).count).toBe(30);
  await first.store.stop();
  const { client } = await start({ dataDirectory });
  expect((await client.count({ index: 'logs-*' })).count).toBe(30);
});
