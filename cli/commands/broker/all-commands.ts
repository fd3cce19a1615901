/** Every command to a broker's management API, in the groups in which `warren broker --help` shows them. */
import type { Command } from 'commander';
import { bindingCommands } from './bindings.js';
import { browseCommand } from './browse.js';
import { connectionCommands } from './connections.js';
import { definitionCommands } from './definitions.js';
import { exchangeCommands } from './exchanges.js';
import { hashPasswordCommand } from './hash-password.js';
import { healthCommand } from './health.js';
import { limitCommands } from './limits.js';
import { listCommands } from './listings.js';
import { maintenanceCommands } from './maintenance.js';
import { messageCommands } from './messages.js';
import { parameterCommands } from './parameters.js';
import { permissionCommands } from './permissions.js';
import { policyCommands } from './policies.js';
import { queueCommands } from './queues.js';
import { statusCommands } from './status.js';
import { userCommands } from './users.js';
import { virtualHostCommands } from './virtual-hosts.js';

const GROUPS: readonly (readonly [string, () => readonly Command[]])[] = [
  ['Look around:', () => [...statusCommands(), healthCommand(), ...listCommands()]],
  ['Queues, exchanges, bindings:', () => [...queueCommands(), ...exchangeCommands(), ...bindingCommands()]],
  ['Messages:', () => [...messageCommands(), browseCommand()]],
  ['Users:', () => [...userCommands(), hashPasswordCommand(), ...permissionCommands()]],
  ['Virtual hosts and limits:', () => [...virtualHostCommands(), ...limitCommands()]],
  ['Policies and parameters:', () => [...policyCommands(), ...parameterCommands()]],
  ['Connections:', connectionCommands],
  ['Definitions:', definitionCommands],
  ['Maintenance:', maintenanceCommands],
];

export function managementCommands(): Command[] {
  return GROUPS.flatMap(([heading, commands]) => commands().map((command) => command.helpGroup(heading)));
}
