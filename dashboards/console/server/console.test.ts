import { request } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Console } from './console.js';

/** Nothing listens there: the discard port, which needs a privilege to be taken. */
const NOWHERE = '127.0.0.1:9';

/** Asks with headers that fetch does not let one set. */
function ask(
  port: number,
  path: string,
  headers: Record<string, string>,
  method = 'GET',
): Promise<{ status: number; headers: NodeJS.Dict<string | string[]>; body: string }> {
  return new Promise((resolve, reject) => {
    const sent = request({ host: '127.0.0.1', port, path, method, headers }, (reply) => {
      let body = '';
      reply.setEncoding('utf8');
      reply.on('data', (part: string) => {
        body += part;
      });
      reply.on('end', () => resolve({ status: reply.statusCode ?? 0, headers: reply.headers, body }));
    });
    sent.on('error', reject);
    sent.end(method === 'POST' ? '{"all":true}' : undefined);
  });
}

describe('the console', () => {
  let served: Console;
  let own: string;

  beforeAll(async () => {
    const brokerUrl = `amqp://someone:secret@${NOWHERE}`;
    served = await Console.start({
      port: 0,
      brokerUrl,
      elasticsearchUrl: `http://elastic:secret@${NOWHERE}`,
    });
    own = `127.0.0.1:${served.port}`;
  });

  afterAll(() => served.stop());

  it('starts though broker and store are away, and says so without their passwords', async () => {
    const { status, body } = await ask(served.port, '/api/health', { host: own });
    expect(status).toBe(200);
    expect(JSON.parse(body)).toMatchObject({ broker: { up: false }, store: { up: false }, index: 'logs-*' });
    expect(body).not.toContain('secret');
    const search = await ask(served.port, '/api/logs?from=1&to=2', { host: own });
    expect(search.status).toBe(502);
    expect(JSON.parse(search.body).error.code).toBe('ERR_WARREN_STORE_UNREACHABLE');
    const letters = await ask(served.port, '/api/dead-letters', { host: own });
    expect(letters.status).toBe(502);
    expect(letters.body + search.body).not.toContain('secret');
  });

  it('answers under loopback names alone, so that no rebound name reaches it', async () => {
    for (const host of [own, `localhost:${served.port}`, 'localhost', '[::1]:99']) {
      expect((await ask(served.port, '/api/health', { host })).status).toBe(200);
    }
    for (const host of ['evil.example', `127.0.0.1.evil.example:${served.port}`, '10.0.0.1']) {
      expect((await ask(served.port, '/api/health', { host })).status).toBe(421);
      expect((await ask(served.port, '/', { host })).status).toBe(421);
    }
  });

  it('lets no other page replay, mend or tail', async () => {
    const json = { 'content-type': 'application/json' };
    const foreign = [
      { host: own, ...json },
      { host: own, ...json, origin: 'http://evil.example' },
      { host: own, ...json, origin: 'null' },
      { host: own, ...json, origin: `http://127.0.0.1:1` },
      { host: own, ...json, 'sec-fetch-site': 'cross-site' },
      { host: own, ...json, 'sec-fetch-site': 'same-site', origin: `http://${own}` },
    ];
    for (const headers of foreign) {
      const replay = await ask(served.port, '/api/dead-letters/replay', headers, 'POST');
      expect(replay.status).toBe(403);
      expect((await ask(served.port, '/api/dead-letters/1/accept-malformed', headers, 'POST')).status).toBe(
        403,
      );
    }
    const tail = await ask(served.port, '/api/tail', { host: own, 'sec-fetch-site': 'cross-site' });
    expect(tail.status).toBe(403);
    const page = { host: own, ...json, 'sec-fetch-site': 'same-origin', origin: `http://${own}` };
    expect((await ask(served.port, '/api/dead-letters/replay', page, 'POST')).status).toBe(502);
  });

  it('sends a policy that allows no script but its own, and never lets a reply be kept', async () => {
    const { headers } = await ask(served.port, '/api/health', { host: own });
    const policy = String(headers['content-security-policy']);
    expect(policy).toContain("default-src 'none'");
    expect(policy).toContain("script-src 'self'");
    expect(policy).not.toContain('unsafe');
    expect(policy).toContain("frame-ancestors 'none'");
    expect(headers['cache-control']).toBe('no-store');
    expect(headers['x-content-type-options']).toBe('nosniff');
  });

  it('does not serve files outside the page', async () => {
    for (const path of ['/../server/console.js', '/%2e%2e/server/console.js', '/..%2fserver%2fconsole.js']) {
      const { status } = await ask(served.port, path, { host: own });
      expect([400, 403, 404]).toContain(status);
    }
  });

  it('rejects with the system’s own error when its port is taken', async () => {
    const options = {
      port: served.port,
      brokerUrl: `amqp://${NOWHERE}`,
      elasticsearchUrl: `http://${NOWHERE}`,
    };
    await expect(Console.start(options)).rejects.toMatchObject({ code: 'EADDRINUSE', port: served.port });
  });

  it('may be stopped twice', async () => {
    const brief = await Console.start({
      port: 0,
      brokerUrl: `amqp://${NOWHERE}`,
      elasticsearchUrl: `http://${NOWHERE}`,
    });
    await Promise.all([brief.stop(), brief.stop()]);
    await expect(fetch(`http://127.0.0.1:${brief.port}/`)).rejects.toThrow();
  });
});
