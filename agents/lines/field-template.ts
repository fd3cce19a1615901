/** A text with fields of a line in it: `{{ kubernetes.container.name }}`, `{{ path.3 }}-worker`. */

import { AgentOptionError } from '../errors.js';
import { isObject } from '../fields/nesting.js';

const PLACEHOLDER = /\{\{\s*([\w@][\w@.-]*)\s*\}\}/g;

/** Where the values of a template come from. */
export interface TemplateSource {
  /** Fields by name; the first of them that has a field counts. */
  readonly fields: readonly (Readonly<Record<string, unknown>> | undefined)[];
  /** The path of the file, where there is one. */
  readonly path: string | undefined;
}

/** A template that is filled in for each line. */
export class FieldTemplate {
  /** Literal texts, with the name of a field between each two. */
  readonly #parts: readonly string[];

  /** @throws AgentOptionError for a text with no field in it, or with braces that are no field */
  constructor(text: string) {
    this.#parts = text.split(PLACEHOLDER);
    const literals = this.#parts.filter((_, index) => index % 2 === 0).join('');
    if (this.#parts.length === 1 || /\{\{|\}\}/.test(literals)) {
      throw new AgentOptionError(`${text} must hold fields in double braces, such as {{ path.3 }}.`);
    }
  }

  /** The text with its fields filled in; `undefined` when one of them is not there. */
  fill(source: TemplateSource): string | undefined {
    let text = '';
    for (const [index, part] of this.#parts.entries()) {
      const value = index % 2 === 0 ? part : valueFor(part, source);
      if (value === undefined) return undefined;
      text += value;
    }
    return text;
  }
}

function valueFor(name: string, { fields, path }: TemplateSource): string | undefined {
  for (const one of fields) {
    const value = one === undefined ? undefined : fieldOf(one, name);
    if ((typeof value === 'string' && value !== '') || typeof value === 'number') return String(value);
  }
  return path === undefined ? undefined : partOfPath(path, name);
}

/** A field under its name with dots, or nested. */
function fieldOf(fields: Readonly<Record<string, unknown>>, name: string): unknown {
  if (Object.hasOwn(fields, name)) return fields[name];
  let value: unknown = fields;
  for (const key of name.split('.')) {
    if (!isObject(value) || !Object.hasOwn(value, key)) return undefined;
    value = value[key];
  }
  return value;
}

/** `path.1` is the first name in the path; `path.-1` the last; `path.stem` that without its endings. */
function partOfPath(path: string, name: string): string | undefined {
  const names = path.split(/[/\\]+/).filter((one) => one !== '');
  if (name === 'path.stem') return names.at(-1)?.replace(/(?<=.)\..*$/, '');
  const place = /^path\.(-?[1-9]\d?)$/.exec(name)?.[1];
  if (place === undefined) return undefined;
  return names.at(Number(place) > 0 ? Number(place) - 1 : Number(place));
}
