/** Every resource of the interface. */
import type { Resource } from '../resource.js';
import { bindingResources } from './bindings.js';
import { browseResources } from './browse.js';
import { connectionResources } from './connections.js';
import { definitionResources } from './definitions.js';
import { exchangeResources } from './exchanges.js';
import { featureResources } from './features.js';
import { healthCheckResources } from './health-checks.js';
import { limitResources } from './limits.js';
import { logInResources } from './log-ins.js';
import { nodeMaintenanceResources } from './node-maintenance.js';
import { nodeResources } from './nodes.js';
import { overviewResources } from './overview.js';
import { parameterResources } from './parameters.js';
import { permissionResources } from './permissions.js';
import { policyResources } from './policies.js';
import { queueMessageResources } from './queue-messages.js';
import { queueResources } from './queues.js';
import { userResources } from './users.js';
import { virtualHostResources } from './virtual-hosts.js';
import { whoamiResources } from './whoami.js';

export function allResources(): Resource[] {
  return [
    ...exchangeResources,
    ...queueResources,
    ...queueMessageResources,
    ...browseResources,
    ...bindingResources,
    ...connectionResources,
    ...virtualHostResources,
    ...userResources,
    ...permissionResources,
    ...limitResources,
    ...parameterResources,
    ...policyResources,
    ...definitionResources,
    ...logInResources,
    ...overviewResources,
    ...nodeResources,
    ...nodeMaintenanceResources,
    ...healthCheckResources,
    ...featureResources,
    ...whoamiResources,
  ];
}
