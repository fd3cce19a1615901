/**
 * The mapping of one index: its tree of objects and fields, kept flat by full path, and its settings
 * for what is dynamic. Not responsible for reading a user's mapping JSON (definition.ts) nor documents
 * (document.ts).
 */
import type { JsonObject } from '../json.js';
import { isObject } from '../json.js';
import type { Field } from './field.js';

/** What happens to a field that is not mapped. */
export type Dynamic = 'true' | 'false' | 'strict';

/** An object in the mapping. */
export interface ObjectNode {
  readonly path: string;
  dynamic?: Dynamic;
  enabled: boolean;
  nested: boolean;
}

/** A rule of `dynamic_templates`. */
export interface DynamicTemplate {
  name: string;
  rule: JsonObject;
}

/** What the catalog keeps of a mapping. */
export interface StoredMapping {
  definition: JsonObject;
  numbers: { [path: string]: number };
  nextNumber: number;
}

/** Elasticsearch's limits of a mapping. */
export interface MappingLimits {
  fieldsMax: number;
  depthMax: number;
  /** Whether fields that do not say leave malformed values out. */
  ignoresMalformed: boolean;
}

/** The mapping of one index. */
export class Mapping {
  /** Fields and multi-fields by full path. */
  readonly fields = new Map<string, Field>();
  /** Multi-fields by their parent's path. */
  readonly multiFields = new Map<string, Field[]>();
  readonly objects = new Map<string, ObjectNode>();
  readonly limits: MappingLimits;
  dynamic: Dynamic = 'true';
  dateDetection = true;
  numericDetection = false;
  dateFormats: string[] = ['strict_date_optional_time', 'yyyy/MM/dd HH:mm:ss Z||yyyy/MM/dd Z'];
  dynamicTemplates: DynamicTemplate[] = [];
  /** Root parameters that are kept and shown but change nothing here, such as `_meta`. */
  rootParameters: JsonObject = {};
  /** Grows with every change; what was compiled against an older one is stale. */
  version = 0;
  /** Column numbers by path, also of fields that are gone. */
  readonly numbers: Map<string, number>;
  private nextNumber: number;

  constructor(limits: MappingLimits, numbers: ReadonlyMap<string, number> = new Map(), nextNumber = 1) {
    this.limits = limits;
    this.numbers = new Map(numbers);
    this.nextNumber = nextNumber;
  }

  /** The column number of a path, the same for ever. */
  numberOf(path: string): number {
    const known = this.numbers.get(path);
    if (known !== undefined) return known;
    const made = this.nextNumber++;
    this.numbers.set(path, made);
    return made;
  }

  addField(field: Field): void {
    this.fields.set(field.path, field);
    this.version++;
    if (field.parent === undefined) return;
    const siblings = this.multiFields.get(field.parent) ?? [];
    this.multiFields.set(field.parent, [...siblings.filter((each) => each.path !== field.path), field]);
  }

  addObject(node: ObjectNode): void {
    this.objects.set(node.path, node);
    this.version++;
  }

  /** Takes back what a refused document had added. */
  remove(path: string): void {
    const field = this.fields.get(path);
    this.fields.delete(path);
    this.objects.delete(path);
    if (field?.parent !== undefined) {
      const left = (this.multiFields.get(field.parent) ?? []).filter((each) => each.path !== path);
      if (left.length === 0) this.multiFields.delete(field.parent);
      else this.multiFields.set(field.parent, left);
    }
    this.version++;
  }

  /** What counts against `index.mapping.total_fields.limit`. */
  get totalFields(): number {
    return this.fields.size + this.objects.size;
  }

  /** What the mapping says of fields under an object: its own rule or the nearest parent's. */
  dynamicOf(path: string): Dynamic {
    for (let at = path; at !== ''; at = parentOf(at)) {
      const own = this.objects.get(at)?.dynamic;
      if (own !== undefined) return own;
    }
    return this.dynamic;
  }

  /** The mapping as `GET _mapping` shows it. */
  toJson(): JsonObject {
    const json: JsonObject = { ...this.rootParameters };
    if (this.dynamic !== 'true') json['dynamic'] = this.dynamic;
    if (!this.dateDetection) json['date_detection'] = false;
    if (this.numericDetection) json['numeric_detection'] = true;
    if (this.dynamicTemplates.length > 0) {
      json['dynamic_templates'] = this.dynamicTemplates.map((each) => ({ [each.name]: each.rule }));
    }
    const properties: JsonObject = {};
    const paths = [...this.objects.keys(), ...this.fields.keys()].sort();
    const parents = new Set(paths.map(parentOf));
    for (const path of paths) this.place(properties, path, !parents.has(path));
    if (Object.keys(properties).length > 0) json['properties'] = properties;
    return json;
  }

  private place(root: JsonObject, path: string, isEmpty: boolean): void {
    const field = this.fields.get(path);
    if (field?.parent !== undefined) {
      const parent = memberAt(root, field.parent);
      if (parent === undefined) return;
      const subfields = isObject(parent['fields']) ? parent['fields'] : {};
      subfields[path.slice(field.parent.length + 1)] = { type: field.type, ...field.parameters };
      parent['fields'] = subfields;
      return;
    }
    const parent = parentOf(path);
    let siblings = root;
    if (parent !== '') {
      const holder = memberAt(root, parent);
      if (holder === undefined) return;
      if (!isObject(holder['properties'])) holder['properties'] = {};
      siblings = holder['properties'] as JsonObject;
    }
    const name = parent === '' ? path : path.slice(parent.length + 1);
    siblings[name] =
      field === undefined ? this.objectJson(path, isEmpty) : { type: field.type, ...field.parameters };
  }

  private objectJson(path: string, isEmpty: boolean): JsonObject {
    const node = this.objects.get(path);
    const json: JsonObject = {};
    if (isEmpty) json['type'] = 'object';
    if (node?.nested === true) json['type'] = 'nested';
    if (node?.dynamic !== undefined) json['dynamic'] = node.dynamic;
    if (node?.enabled === false) {
      json['type'] = 'object';
      json['enabled'] = false;
    }
    return json;
  }

  /** What the catalog keeps. */
  toStored(): StoredMapping {
    return {
      definition: this.toJson(),
      numbers: Object.fromEntries(this.numbers),
      nextNumber: this.nextNumber,
    };
  }
}

function memberAt(root: JsonObject, path: string): JsonObject | undefined {
  let at: JsonObject | undefined = { properties: root };
  for (const part of path.split('.')) {
    const properties: unknown = at['properties'];
    const next: unknown = isObject(properties) ? properties[part] : undefined;
    if (!isObject(next)) return undefined;
    at = next;
  }
  return at;
}

/** The path of the object a path lies in; empty at the root. */
export function parentOf(path: string): string {
  const dot = path.lastIndexOf('.');
  return dot < 0 ? '' : path.slice(0, dot);
}
