/** Runtime parameters: values that a component of the broker takes from an operator, in a virtual host. */
import { AccessError } from './access-error.js';

export interface Parameter {
  readonly virtualHost: string;
  readonly component: string;
  readonly name: string;
  readonly value: unknown;
}

/** What takes parameters, and keeps them. */
export interface ParameterComponent {
  list(): Iterable<Pick<Parameter, 'virtualHost' | 'name' | 'value'>>;
  /** Why a value is none for it, in RabbitMQ's words; empty where it is one. */
  faults(name: string, value: unknown): readonly string[];
  put(virtualHost: string, name: string, value: unknown): void;
  drop(virtualHost: string, name: string): void;
}

/** Of its JSON: all values are in memory, and each of them is in every export. */
const VALUE_BYTES_MAX = 64 * 1024;

/** @throws AccessError for a value of JSON's that is too long to be kept as a parameter */
export function checkValueLength(name: string, value: unknown): void {
  const bytes = Buffer.byteLength(JSON.stringify(value) ?? '');
  if (bytes <= VALUE_BYTES_MAX) return;
  throw new AccessError(
    `value of parameter '${name}' is ${bytes} bytes of JSON, ${VALUE_BYTES_MAX} bytes are the most it may have`,
  );
}

export interface ParameterFilter {
  readonly virtualHost?: string;
  readonly component?: string;
}

export class Parameters {
  private readonly components = new Map<string, ParameterComponent>();

  /** Has a component's parameters listed and set here. */
  register(name: string, component: ParameterComponent): void {
    this.components.set(name, component);
  }

  list({ virtualHost, component }: ParameterFilter = {}): Parameter[] {
    const found: Parameter[] = [];
    for (const [name, known] of this.components) {
      if (component !== undefined && component !== name) continue;
      for (const parameter of known.list()) {
        if (virtualHost !== undefined && virtualHost !== parameter.virtualHost) continue;
        found.push({ ...parameter, component: name });
      }
    }
    return found;
  }

  get(virtualHost: string, component: string, name: string): Parameter | undefined {
    return this.list({ virtualHost, component }).find((parameter) => parameter.name === name);
  }

  /**
   * Sets a parameter.
   *
   * @returns whether there was none
   * @throws AccessError for a component there is not, a value that is none for it or too long, or a policy
   */
  put(virtualHost: string, component: string, name: string, value: unknown): boolean {
    if (component === 'policy') throw new AccessError('policies may not be set using this method');
    checkValueLength(name, value);
    const known = this.components.get(component);
    const faults = known === undefined ? [`component ${component} not found`] : known.faults(name, value);
    if (faults.length > 0) throw new AccessError(`Validation failed\n\n${faults.join('\n')}\n`);
    const isNew = this.get(virtualHost, component, name) === undefined;
    known?.put(virtualHost, name, value);
    return isNew;
  }

  /** Takes a parameter away; false where it is not there. @throws AccessError for a policy */
  drop(virtualHost: string, component: string, name: string): boolean {
    if (this.get(virtualHost, component, name) === undefined) return false;
    if (component === 'policy') throw new AccessError('policies may not be cleared using this method');
    this.components.get(component)?.drop(virtualHost, name);
    return true;
  }
}
