/** Feature flags: what RabbitMQ learnt over time, all of which is there from the start. */
import { administrator, anyone, monitor } from '../authorization.js';
import { badRequest } from '../http-error.js';
import { answerList } from '../list-answer.js';
import type { ManagementRequest } from '../request.js';
import { type Answer, json, NO_CONTENT, type Resource } from '../resource.js';

/** Of RabbitMQ's flags, those of what the broker does. */
const FLAGS: Readonly<Record<string, string>> = {
  detailed_queues_endpoint: 'Listings of queues with more or fewer details',
  drop_unroutable_metric: 'Count unroutable publishes to be dropped in stats',
  empty_basic_get_metric: 'Count AMQP `basic.get` on empty queues in stats',
  implicit_default_bindings: 'Default bindings are implicit',
  quorum_queue: 'Support queues of type `quorum`',
  user_limits: 'Configure connection and channel limits for a user',
  virtual_host_metadata: 'Virtual host metadata (description, tags, etc)',
};

function list(request: ManagementRequest): Promise<Answer> {
  const listed = Object.entries(FLAGS).map(([name, desc]) => ({
    vhost: '',
    name,
    show: () => ({
      name,
      desc,
      doc_url: '',
      state: 'enabled',
      stability: 'required',
      require_level: 'hard',
      provided_by: 'rabbit',
    }),
  }));
  return answerList(request, listed, { sort: ['name'] });
}

function enable(request: ManagementRequest): Answer {
  const name = request.parameter('name');
  if (!Object.hasOwn(FLAGS, name)) throw badRequest('unsupported');
  return NO_CONTENT;
}

export const featureResources: readonly Resource[] = [
  {
    path: '/feature-flags',
    access: administrator,
    operations: { GET: { summary: 'Feature flags, all of which are on', run: list } },
  },
  {
    path: '/feature-flags/:name/enable',
    access: administrator,
    operations: { PUT: { summary: 'Enable a feature flag', takes: ['application/json'], run: enable } },
  },
  {
    path: '/deprecated-features',
    access: anyone,
    operations: { GET: { summary: 'Deprecated features, of which there are none', run: () => json([]) } },
  },
  {
    path: '/deprecated-features/used',
    access: monitor,
    operations: { GET: { summary: 'Those that are in use', run: () => json([]) } },
  },
];
