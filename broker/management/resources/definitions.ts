/** Definitions: export and import, of all or of one virtual host. */
import { administrator } from '../authorization.js';
import { parseDefinitions } from '../definitions/definitions.js';
import { exportAll, exportOne } from '../definitions/export.js';
import { importDefinitions } from '../definitions/import.js';
import { badRequest } from '../http-error.js';
import { fileOf } from '../multipart.js';
import type { ManagementRequest } from '../request.js';
import { type Answer, NO_CONTENT, type Operation, type Resource } from '../resource.js';

/** What a name of a file in a header may be made of (RFC 9110, token). */
const TOKEN = /^[\w!#$%&'*+.^`|~-]+$/;

function download(request: ManagementRequest): Answer {
  const file = request.query.get('download');
  const isNamed = file !== null && TOKEN.test(file);
  const headers = isNamed ? { 'content-disposition': `attachment; filename=${file}` } : {};
  return { status: 200, stream: exported(request), headers };
}

function exported(request: ManagementRequest): AsyncGenerator<string> {
  if (request.virtualHostName === undefined) return exportAll(request.broker);
  const virtualHost = request.broker.virtualHost(request.virtualHostName);
  if (virtualHost === undefined) throw badRequest('vhost_not_found');
  return exportOne(request.broker, virtualHost);
}

async function upload(request: ManagementRequest): Promise<Answer> {
  const { broker, body, virtualHostName } = request;
  if (virtualHostName !== undefined) void request.requiredVirtualHost;
  const file = fileOf(body, request.header('content-type') ?? '');
  const { host, access } = broker;
  const definitions = parseDefinitions(file.toString(), virtualHostName);
  await importDefinitions({ virtualHosts: host.virtualHosts, access }, definitions);
  await broker.written();
  return NO_CONTENT;
}

const operations: Readonly<Record<'GET' | 'POST', Operation>> = {
  GET: { summary: 'Export definitions', query: { download: 'the name of the file' }, run: download },
  POST: {
    summary: 'Import definitions, all of them or none',
    body: {
      users: 'list',
      vhosts: 'list',
      permissions: 'list',
      topic_permissions: 'list',
      parameters: 'list',
      global_parameters: 'list',
      policies: 'list',
      exchanges: 'list',
      queues: 'list',
      bindings: 'list',
    },
    isLarge: true,
    takes: ['application/json', 'multipart/form-data'],
    run: upload,
  },
};

export const definitionResources: readonly Resource[] = [
  { path: '/definitions', access: administrator, operations },
  { path: '/all-configuration', access: administrator, operations },
  { path: '/definitions/:vhost', access: administrator, operations },
];
