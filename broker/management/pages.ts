/** What people read, and what the machinery around a broker asks: the document, and the probes. */
import type { FastifyInstance, FastifyReply } from 'fastify';
import type { ManagedBroker } from './managed-broker.js';
import { describe } from './openapi.js';
import type { Resource } from './resource.js';
import { PRODUCT, VERSION } from './shown/product.js';

const INDEX = '/api/index.html';
const DOCUMENT = '/api/openapi.json';

/** Adds the pages, none of which asks for a log-in, since none of them tells anything of the broker's use. */
export function addPages(
  server: FastifyInstance,
  broker: ManagedBroker,
  resources: readonly Resource[],
): void {
  let document: Promise<object> | undefined;
  let page: string | undefined;
  for (const path of ['/', '/api']) {
    server.get(path, (_request, reply) => reply.code(301).header('location', INDEX).send());
  }
  server.get(INDEX, (_request, reply) => {
    page ??= renderIndex(resources);
    return reply.type('text/html; charset=utf-8').send(page);
  });
  server.get(DOCUMENT, async (_request, reply) => {
    document ??= describe(resources);
    return reply.send(await document);
  });
  // Pages ask by it how to log in; the interface itself takes Basic, and Bearer where tokens are taken.
  server.get('/api/auth', (_request, reply) =>
    reply
      .header('content-type', 'application/json')
      .send(Buffer.from(JSON.stringify(showAuthorization(broker)))),
  );
  addProbes(server, broker);
}

/**
 * By RabbitMQ's names. Without an issuer nobody can be sent there to log in, and then it says, as RabbitMQ
 * does, that there is nothing; tokens are taken all the same. No page of ours gets one for its reader, which is
 * what RabbitMQ calls initiated by the provider.
 */
function showAuthorization({ access: { authorizationServer: server } }: ManagedBroker): object {
  if (server?.issuer === undefined) return { oauth_enabled: false };
  const { resourceServerId: id, issuer } = server;
  const metadata = `${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`;
  return {
    oauth_enabled: true,
    oauth_resource_servers: { [id]: { id, oauth_provider_url: issuer, oauth_metadata_url: metadata } },
    oauth_disable_basic_auth: false,
    oauth_initiated_logon_type: 'idp_initiated',
  };
}

/**
 * As Kubernetes asks: an alarm makes the broker neither dead nor unready, as with RabbitMQ, since consumers
 * have to get at it for the alarm to go.
 */
function addProbes(server: FastifyInstance, broker: ManagedBroker): void {
  const answer = (reply: FastifyReply, well: boolean): FastifyReply =>
    reply
      .code(well ? 200 : 503)
      .header('cache-control', 'no-store')
      .send({ status: well ? 'ok' : 'failed' });
  server.get('/health/live', (_request, reply) => answer(reply, true));
  // HTTP is listened for once all is recovered.
  server.get('/health/startup', (_request, reply) => answer(reply, true));
  server.get('/health/ready', (_request, reply) => answer(reply, broker.isReady()));
}

function renderIndex(resources: readonly Resource[]): string {
  const rows = resources.flatMap(({ path, operations }) =>
    Object.entries(operations).map(([method, { summary, body, query }]) => {
      const more = [parts('Body', body), parts('Query', query)].join('');
      const shown = path.replace(/:(\w+)/g, '{$1}');
      return `<tr><td>${method}</td><td><code>/api${escapeHtml(shown)}</code></td><td>${escapeHtml(summary)}${more}</td></tr>`;
    }),
  );
  return `<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><title>${PRODUCT} management</title><style>
body { font: 15px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 72rem; padding: 0 1rem; color-scheme: light dark; }
table { border-collapse: collapse; width: 100% } td { border-top: 1px solid #8886; padding: .35rem .8rem .35rem 0; vertical-align: top }
small { display: block; opacity: .75 }
</style></head><body><h1>${PRODUCT} management</h1>
<p>RabbitMQ's management HTTP interface as of version ${VERSION}, by Basic or Bearer authentication.
The same for programs: <a href="${DOCUMENT}">${DOCUMENT}</a>.</p>
<table>${rows.join('\n')}</table></body></html>
`;
}

function parts(title: string, fields: Readonly<Record<string, string>> | undefined): string {
  if (fields === undefined) return '';
  const texts = Object.entries(fields).map(
    ([name, text]) =>
      `<code>${escapeHtml(name)}</code>${text.startsWith('*') ? ' (required)' : ''}: ${escapeHtml(text.replace(/^\*/, ''))}`,
  );
  return `<small>${title}: ${texts.join('; ')}</small>`;
}

function escapeHtml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;');
}
