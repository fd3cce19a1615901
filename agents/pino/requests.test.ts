import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import pino from 'pino';
import { expect, it } from 'vitest';
import { ReceivedRecords } from '../../test/support/record-queue.js';
import { startTestBroker } from '../../test/support/test-broker.js';

it('maps real requests and responses, as pino’s own serializers write them', async () => {
  const broker = await startTestBroker();
  const records = await ReceivedRecords.start(broker.url);
  const target = fileURLToPath(new URL('./transport.js', import.meta.url));
  const options = { url: broker.url, service: 'order', exchange: records.exchange };
  const stream = pino.transport({ target, options });
  const { req, res } = pino.stdSerializers;
  const redact = ['req.headers.authorization'];
  const logger = pino({ serializers: { req, res }, redact }, stream);
  const server = createServer((request, response) => {
    response.statusCode = 404;
    response.setHeader('x-kind', 'none');
    response.end('none');
    logger.info({ req: request, res: response }, 'answered');
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const headers = { authorization: 'Bearer abc', 'user-agent': 'shop/1' };
  await (await fetch(`http://127.0.0.1:${port}/orders?page=2`, { headers })).text();
  await records.count(1);
  const record = records.received[0]?.record;
  expect(record).toMatchObject({
    http: { request: { method: 'GET' }, response: { status_code: 404 } },
    url: { original: '/orders?page=2', path: '/orders', query: 'page=2' },
    client: { ip: '127.0.0.1', port: expect.any(Number) as number },
    user_agent: { original: 'shop/1' },
    req: { headers: { authorization: '[Redacted]' } },
    res: { headers: { 'x-kind': 'none' } },
  });
  await new Promise((resolve) => server.close(resolve));
  await new Promise((resolve) => logger.flush(resolve));
  stream.end();
  await once(stream, 'close');
  await records.stop();
  await broker.stop();
});
