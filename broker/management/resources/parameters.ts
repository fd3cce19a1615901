/** Parameters of the components in a virtual host, and parameters of the broker as a whole. */
import type { GlobalParameter } from '../../access/global-parameters.js';
import type { Parameter } from '../../access/parameters.js';
import type { VirtualHost } from '../../routing/virtual-host.js';
import { requireName } from '../amqp-request.js';
import { globalPolicymaker, policymaker, sees } from '../authorization.js';
import { absent } from '../http-error.js';
import { fieldOf, requireFields } from '../json-body.js';
import { answerList, visibleVirtualHosts } from '../list-answer.js';
import type { ManagementRequest } from '../request.js';
import { type Answer, json, NO_CONTENT, put, type Resource } from '../resource.js';
import { LISTING } from './queries.js';

export function showParameter({ value, virtualHost, component, name }: Parameter): object {
  return { value, vhost: virtualHost, component, name };
}

const POLICY_COMPONENTS = { policy: 'policy', operator_policy: 'operator-policy' } as const;

/** Policies as RabbitMQ keeps them: as parameters, which are listed only where one asks for them by name. */
function policiesOf(
  { name: virtualHost, policies }: VirtualHost,
  component: keyof typeof POLICY_COMPONENTS,
): Parameter[] {
  return policies.list(POLICY_COMPONENTS[component]).map((policy) => {
    const { pattern, applyTo, definition, priority } = policy;
    const value = { pattern, definition, priority, 'apply-to': applyTo };
    return { virtualHost, component, name: policy.name, value };
  });
}

function isPolicy(component: string): component is keyof typeof POLICY_COMPONENTS {
  return Object.hasOwn(POLICY_COMPONENTS, component);
}

function list(request: ManagementRequest): Promise<Answer> {
  const component = request.parameter('component');
  const filter = {
    ...(component === '' ? {} : { component }),
    ...(request.virtualHostName === undefined ? {} : { virtualHost: request.virtualHost.name }),
  };
  const kept = request.broker.access.parameters
    .list(filter)
    .filter(({ virtualHost }) => sees(request.identity, virtualHost));
  const policies = isPolicy(component)
    ? [...visibleVirtualHosts(request)].flatMap((one) => policiesOf(one, component))
    : [];
  const found = [...kept, ...policies];
  const listed = found.map((one) => ({
    vhost: one.virtualHost,
    name: one.name,
    show: () => showParameter(one),
  }));
  return answerList(request, listed, { sort: ['vhost', 'component', 'name'] });
}

function get(request: ManagementRequest): Answer {
  const { virtualHost } = request;
  const [component, name] = [request.parameter('component'), request.parameter('name')];
  const found = isPolicy(component)
    ? policiesOf(virtualHost, component).find((one) => one.name === name)
    : request.broker.access.parameters.get(virtualHost.name, component, name);
  if (found === undefined) throw absent();
  return request.pick(showParameter(found));
}

async function set(request: ManagementRequest): Promise<Answer> {
  const virtualHost = request.requiredVirtualHost.name;
  const body = request.json();
  requireFields(body, 'value');
  const [component, name] = [request.parameter('component'), requireName(request.parameter('name'))];
  const created = request.broker.access.parameters.put(virtualHost, component, name, fieldOf(body, 'value'));
  await request.broker.written();
  return put(created);
}

async function clear(request: ManagementRequest): Promise<Answer> {
  const { name } = request.virtualHost;
  const { parameters } = request.broker.access;
  if (!parameters.drop(name, request.parameter('component'), request.parameter('name'))) throw absent();
  await request.broker.written();
  return NO_CONTENT;
}

function listGlobal(request: ManagementRequest): Promise<Answer> {
  const show = ({ name, value }: GlobalParameter): object => ({ name, value });
  const listed = request.broker.access.globalParameters
    .list()
    .map((one) => ({ vhost: '', name: one.name, show: () => show(one) }));
  return answerList(request, listed, { sort: ['name'] });
}

function getGlobal(request: ManagementRequest): Answer {
  const found = request.broker.access.globalParameters.get(request.parameter('name'));
  if (found === undefined) throw absent();
  return json({ value: found.value, name: found.name });
}

async function setGlobal(request: ManagementRequest): Promise<Answer> {
  const body = request.json();
  requireFields(body, 'value');
  const name = requireName(request.parameter('name'));
  const created = request.broker.access.globalParameters.put(name, fieldOf(body, 'value'));
  await request.broker.written();
  return put(created);
}

async function clearGlobal(request: ManagementRequest): Promise<Answer> {
  if (!request.broker.access.globalParameters.drop(request.parameter('name'))) throw absent();
  await request.broker.written();
  return NO_CONTENT;
}

export const parameterResources: readonly Resource[] = [
  {
    path: '/parameters',
    access: policymaker,
    operations: { GET: { summary: 'All parameters', query: LISTING, run: list } },
  },
  {
    path: '/parameters/:component',
    access: policymaker,
    operations: { GET: { summary: 'The parameters of a component', query: LISTING, run: list } },
  },
  {
    path: '/parameters/:component/:vhost',
    access: policymaker,
    operations: { GET: { summary: 'Those in a virtual host', query: LISTING, run: list } },
  },
  {
    path: '/parameters/:component/:vhost/:name',
    access: policymaker,
    operations: {
      GET: { summary: 'A parameter', run: get },
      PUT: { summary: 'Set a parameter', body: { value: '*what the component takes' }, run: set },
      DELETE: { summary: 'Clear a parameter', run: clear },
    },
  },
  {
    path: '/global-parameters',
    access: globalPolicymaker,
    operations: { GET: { summary: 'All global parameters', query: LISTING, run: listGlobal } },
  },
  {
    path: '/global-parameters/:name',
    access: globalPolicymaker,
    operations: {
      GET: { summary: 'A global parameter', run: getGlobal },
      PUT: { summary: 'Set a global parameter', body: { value: '*anything' }, run: setGlobal },
      DELETE: { summary: 'Clear a global parameter', run: clearGlobal },
    },
  },
];
