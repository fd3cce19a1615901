/** Policies and operator policies. */
import type { Policy, PolicyKind } from '../../routing/policy.js';
import { requireName } from '../amqp-request.js';
import { type Access, administrator, ofVirtualHost, policymaker } from '../authorization.js';
import { absent } from '../http-error.js';
import { fieldOf, requireFields } from '../json-body.js';
import { answerList, visibleVirtualHosts } from '../list-answer.js';
import type { Listed } from '../listing.js';
import type { ManagementRequest } from '../request.js';
import { type Answer, NO_CONTENT, put, type Resource } from '../resource.js';
import { LISTING } from './queries.js';

export function showPolicy(vhost: string, { name, pattern, applyTo, definition, priority }: Policy): object {
  return { vhost, name, pattern, 'apply-to': applyTo, definition, priority };
}

function list(request: ManagementRequest, kind: PolicyKind): Promise<Answer> {
  const listed: Listed[] = [];
  for (const { name: vhost, policies } of visibleVirtualHosts(request)) {
    for (const policy of policies.list(kind)) {
      listed.push({ vhost, name: policy.name, show: () => showPolicy(vhost, policy) });
    }
  }
  return answerList(request, listed);
}

function get(request: ManagementRequest, kind: PolicyKind): Answer {
  const { name, policies } = request.virtualHost;
  const policy = policies.get(kind, request.parameter('name'));
  if (policy === undefined) throw absent();
  return request.pick(showPolicy(name, policy));
}

async function set(request: ManagementRequest, kind: PolicyKind): Promise<Answer> {
  const { policies } = request.requiredVirtualHost;
  const body = request.json();
  requireFields(body, 'pattern', 'definition');
  const created = policies.put(kind, requireName(request.parameter('name')), {
    pattern: fieldOf(body, 'pattern'),
    definition: fieldOf(body, 'definition'),
    priority: fieldOf(body, 'priority') ?? undefined,
    'apply-to': fieldOf(body, 'apply-to') ?? undefined,
  });
  await request.broker.written();
  return put(created);
}

async function remove(request: ManagementRequest, kind: PolicyKind): Promise<Answer> {
  if (!request.virtualHost.policies.drop(kind, request.parameter('name'))) throw absent();
  await request.broker.written();
  return NO_CONTENT;
}

function resourcesOf(path: string, kind: PolicyKind, what: string, changes: Access): Resource[] {
  const listing = (summary: string): Resource['operations'] => ({
    GET: { summary, query: LISTING, run: (request) => list(request, kind) },
  });
  return [
    { path, access: ofVirtualHost, operations: listing(`All ${what}`) },
    { path: `${path}/:vhost`, access: ofVirtualHost, operations: listing(`The ${what} of a virtual host`) },
    {
      path: `${path}/:vhost/:name`,
      access: (request) => (request.isRead ? ofVirtualHost(request) : changes(request)),
      operations: {
        GET: { summary: 'One of them', run: (request) => get(request, kind) },
        PUT: {
          summary: 'Make one, or change it; it is in effect at once',
          body: {
            pattern: '*a regular expression for names',
            definition: '*object',
            priority: 'integer, 0 where nothing is said',
            'apply-to': 'all, queues, classic_queues, quorum_queues or exchanges',
          },
          ...(kind === 'policy' ? {} : { takes: ['application/json'] }),
          run: (request) => set(request, kind),
        },
        DELETE: { summary: 'Take it away', run: (request) => remove(request, kind) },
      },
    },
  ];
}

export const policyResources: readonly Resource[] = [
  ...resourcesOf('/policies', 'policy', 'policies', policymaker),
  ...resourcesOf('/operator-policies', 'operator-policy', 'operator policies', administrator),
];
