/** Values that an operator keeps for the broker as a whole, by name; some of them the broker reads itself. */
import { randomBytes } from 'node:crypto';
import type { DefinitionTable } from '../store/definition-table.js';
import { AccessError } from './access-error.js';
import { checkValueLength } from './parameters.js';

export interface GlobalParameter {
  readonly name: string;
  readonly value: unknown;
}

const CLUSTER_NAME = 'cluster_name';
const CLUSTER_ID = 'internal_cluster_id';
/** What begins so is this broker's own: RabbitMQ leaves it out of exported definitions. */
const INTERNAL_PREFIX = 'internal';
const CLUSTER_ID_BYTES = 16;
/** Besides the broker's own identifier. */
const PARAMETERS_MAX = 1000;

export class GlobalParameters {
  private readonly table: DefinitionTable<unknown>;
  private readonly defaultClusterName: string;

  /** @param defaultClusterName what the broker is called until an operator calls it something else */
  constructor(table: DefinitionTable<unknown>, defaultClusterName: string) {
    this.table = table;
    this.defaultClusterName = defaultClusterName;
    if (table.get(CLUSTER_ID) === undefined) {
      table.put([CLUSTER_ID], `rabbitmq-cluster-id-${randomBytes(CLUSTER_ID_BYTES).toString('base64url')}`);
    }
  }

  list(): GlobalParameter[] {
    return [...this.table.entries()].map(([[name], value]) => ({ name: name as string, value }));
  }

  get(name: string): GlobalParameter | undefined {
    const value = this.table.get(name);
    return value === undefined ? undefined : { name, value };
  }

  /**
   * Sets a parameter to a value of JSON's; returns whether there was none.
   *
   * @throws AccessError for a value that is too long, or one parameter too many
   */
  put(name: string, value: unknown): boolean {
    checkValueLength(name, value);
    const isNew = this.table.get(name) === undefined;
    if (isNew && this.list().filter((one) => one.name !== CLUSTER_ID).length >= PARAMETERS_MAX) {
      throw new AccessError(
        `global parameter '${name}' would be one too many: there are ${PARAMETERS_MAX} at most`,
      );
    }
    this.table.put([name], value);
    return isNew;
  }

  /** Takes a parameter away; false where it is not there. */
  drop(name: string): boolean {
    return this.table.drop(name);
  }

  /** What names this broker's data, whatever it is called. */
  get clusterId(): string {
    return String(this.table.get(CLUSTER_ID));
  }

  /** What this broker is called. */
  get clusterName(): string {
    const name = this.table.get(CLUSTER_NAME);
    return typeof name === 'string' ? name : this.defaultClusterName;
  }
}

/** Whether a global parameter stays out of exported definitions. */
export function isInternalParameter(name: string): boolean {
  return name.startsWith(INTERNAL_PREFIX);
}
