/**
 * Reads one document by a mapping into the values of its columns, mapping new fields on the way. A
 * refused document leaves the mapping as it was.
 */
import { ApiError } from '../errors.js';
import { isObject, type Json, type JsonObject } from '../json.js';
import { ensureObjects, newField } from './definition.js';
import { dynamicDefinition, kindOf } from './dynamic.js';
import type { Field } from './field.js';
import { type Mapping, parentOf } from './mapping.js';
import { locate } from './position.js';
import { type DocumentText, failure, refusal, refused, refusedObject } from './refusal.js';
import { type Scalar, type Stored, storedValue, ValueError } from './value.js';

/** The column values of a document, by field. */
export type DocumentValues = Map<Field, Stored | Stored[]>;

/** A document that could be read. */
export interface ReadDocument {
  values: DocumentValues;
  /** Whether the mapping has grown. */
  mappingChanged: boolean;
  /** Fields whose value was left out: malformed or too long. */
  ignored: string[];
  /** Takes the mapping's growth back, when the document is refused after all. */
  takeBack: () => void;
}

/**
 * Reads a document.
 *
 * @param source the JSON text of `document`, for positions and exact numbers
 * @throws ApiError 400 `document_parsing_exception` and its kin
 */
export function readDocument(
  mapping: Mapping,
  id: string,
  document: JsonObject,
  source: string,
): ReadDocument {
  const reader = new DocumentReader(mapping, id, source);
  try {
    reader.object(document, '', 1);
  } catch (error) {
    reader.takeBack();
    throw error;
  }
  return {
    values: reader.values,
    mappingChanged: reader.added.length > 0,
    ignored: reader.ignored,
    takeBack: () => reader.takeBack(),
  };
}

class DocumentReader {
  readonly values: DocumentValues = new Map();
  readonly added: string[] = [];
  readonly ignored: string[] = [];
  /** Fields that this document has mapped. */
  private readonly fresh = new Set<string>();
  private readonly mapping: Mapping;
  private readonly text: DocumentText;

  constructor(mapping: Mapping, id: string, source: string) {
    this.mapping = mapping;
    this.text = { id, source };
  }

  object(object: JsonObject, prefix: string, depth: number): void {
    for (const name in object) {
      if (!Object.hasOwn(object, name)) continue;
      const value = object[name];
      if (value === undefined) continue;
      const path =
        name.endsWith('.') || name.trim() === '' || name.includes('..') || name.startsWith('.')
          ? this.checkedName(name)
          : name;
      this.member(prefix === '' ? path : `${prefix}.${path}`, value, depth);
    }
  }

  /** A name with its trailing dots taken away, as Elasticsearch does. @throws ApiError for an empty part */
  private checkedName(name: string): string {
    const reason =
      name === ''
        ? 'field name cannot be an empty string'
        : `field name cannot contain only whitespace: ['${name}']`;
    const trimmed = name.replace(/\.+$/, '');
    if (trimmed.trim() !== '' && trimmed.split('.').every((part) => part.trim() !== '')) return trimmed;
    throw new ApiError(400, 'document_parsing_exception', `[1:2] failed to parse: ${reason}`, {
      type: 'illegal_argument_exception',
      reason,
    });
  }

  takeBack(): void {
    for (const path of this.added.reverse()) this.mapping.remove(path);
  }

  private member(path: string, value: Json, depth: number): void {
    if (value === null) {
      const field = this.mapping.fields.get(path);
      const nullValue = field?.parameters['null_value'];
      if (field !== undefined && nullValue !== undefined) this.scalar(field, nullValue as Scalar, value);
      return;
    }
    if (Array.isArray(value)) {
      const field = this.mapping.fields.get(path);
      if (field?.storage === 'none') return;
      for (const each of value) this.member(path, each, depth);
      return;
    }
    const field = this.mapping.fields.get(path);
    if (field !== undefined && !isObject(value) && this.fresh.has(path)) this.checkSameKind(field, value);
    if (isObject(value)) this.memberObject(path, value, field, depth);
    else if (field !== undefined) this.scalar(field, this.exact(path, value), value);
    else this.unmapped(path, value);
  }

  private memberObject(path: string, value: JsonObject, field: Field | undefined, depth: number): void {
    if (field !== undefined) {
      if (field.storage === 'none') return;
      if (field.storage === 'flattened') {
        this.flatten(field, '', value);
        return;
      }
      const isText = field.storage === 'string' || field.storage === 'tokens';
      if (this.isTolerant(field) && !isText) {
        this.ignored.push(path);
        return;
      }
      throw refusedObject(this.text, field, value);
    }
    const node = this.mapping.objects.get(path);
    if (node?.enabled === false) return;
    if (node === undefined && !this.newObject(path)) return;
    if (depth >= this.mapping.limits.depthMax) {
      throw new ApiError(
        400,
        'illegal_argument_exception',
        `Limit of mapping depth [${this.mapping.limits.depthMax}] has been exceeded due to object field [${path}]`,
      );
    }
    this.object(value, path, depth + 1);
  }

  /** Maps a new object; `false` when it is to be left out. */
  private newObject(path: string): boolean {
    if (!this.mayAdd(path)) return false;
    this.makeParents(path, {});
    const definition = dynamicDefinition(this.mapping, path, 'object', {});
    if (
      definition['type'] !== undefined &&
      definition['type'] !== 'object' &&
      definition['type'] !== 'nested'
    ) {
      this.addField(path, definition);
      return true;
    }
    this.mapping.addObject({ path, enabled: definition['enabled'] !== false, nested: false });
    this.added.push(path);
    this.checkLimit(path);
    return definition['enabled'] !== false;
  }

  private unmapped(path: string, value: string | number | boolean): void {
    if (this.mapping.objects.has(path)) {
      if (this.mapping.objects.get(path)?.enabled === false) return;
      throw failure(
        this.text,
        path,
        `object mapping for [${path}] tried to parse field [${path}] as object, but found a concrete value`,
      );
    }
    if (!this.mayAdd(path)) return;
    this.makeParents(path, value);
    const literal = typeof value === 'number' ? locate(this.text.source, path)[0]?.literal : undefined;
    const kind = kindOf(
      this.mapping,
      value,
      literal === undefined ? !Number.isInteger(value) : /[.eE]/.test(literal),
    );
    const definition = dynamicDefinition(this.mapping, path, kind, value);
    this.addField(path, definition);
    const field = this.mapping.fields.get(path);
    if (field !== undefined) this.scalar(field, this.exact(path, value), value);
  }

  /** A field that this very document has mapped must get the same type from each of its values. */
  private checkSameKind(field: Field, value: string | number | boolean): void {
    const kind = kindOf(this.mapping, value, typeof value === 'number' && !Number.isInteger(value));
    const type = String(dynamicDefinition(this.mapping, field.path, kind, value)['type']);
    if (type === field.type) return;
    const reason = `mapper [${field.path}] cannot be changed from type [${field.type}] to [${type}]`;
    throw new ApiError(400, 'illegal_argument_exception', reason);
  }

  private addField(path: string, definition: JsonObject): void {
    this.fresh.add(path);
    const { type, fields, ...parameters } = definition;
    this.mapping.addField(newField(this.mapping, path, String(type), parameters));
    this.added.push(path);
    if (isObject(fields)) {
      for (const [name, sub] of Object.entries(fields)) {
        if (!isObject(sub)) continue;
        const { type: subType, ...subParameters } = sub;
        this.mapping.addField(
          newField(this.mapping, `${path}.${name}`, String(subType), subParameters, path),
        );
        this.added.push(`${path}.${name}`);
      }
    }
    this.checkLimit(path);
  }

  private checkLimit(path: string): void {
    const { fieldsMax } = this.mapping.limits;
    if (this.mapping.totalFields <= fieldsMax) return;
    const reason = `Limit of total fields [${fieldsMax}] has been exceeded while adding new fields [${this.added.length}]`;
    throw failure(this.text, path, `failed to parse: ${reason}`, {
      type: 'illegal_argument_exception',
      reason,
    });
  }

  private mayAdd(path: string): boolean {
    const dynamic = this.mapping.dynamicOf(parentOf(path));
    if (dynamic === 'strict') {
      const parent = parentOf(path);
      const name = parent === '' ? path : path.slice(parent.length + 1);
      const at = locate(this.text.source, path)[0];
      throw new ApiError(
        400,
        'strict_dynamic_mapping_exception',
        `[${at?.line ?? 1}:${at?.column ?? 1}] mapping set to strict, dynamic introduction of [${name}] within [${parent === '' ? '_doc' : parent}] is not allowed`,
      );
    }
    return dynamic === 'true';
  }

  private makeParents(path: string, value: Json): void {
    for (let at = parentOf(path); at !== ''; at = parentOf(at)) {
      const field = this.mapping.fields.get(at);
      if (field === undefined) continue;
      const object = path
        .slice(at.length + 1)
        .split('.')
        .reduceRight<Json>((inner, name) => ({ [name]: inner }), value) as JsonObject;
      const cause = { type: 'illegal_argument_exception', reason: 'Cannot parse object as number' };
      throw failure(this.text, path, refusal(this.text, field, object), cause);
    }
    this.added.push(...ensureObjects(this.mapping, path));
  }

  private scalar(field: Field, value: Scalar, raw: Json): void {
    if (field.storage === 'flattened') {
      throw refused(this.text, field, raw, {
        type: 'illegal_argument_exception',
        reason: 'Failed to parse object: expecting token of type [START_OBJECT] but found [VALUE_STRING]',
      });
    }
    this.store(field, value, raw);
    const subfields = this.mapping.multiFields.get(field.path);
    if (subfields !== undefined) for (const sub of subfields) this.store(sub, value, raw);
  }

  private store(field: Field, value: Scalar, raw: Json): void {
    try {
      const stored = storedValue(field, value);
      if (stored !== undefined) this.keep(field, stored);
      else if (field.storage === 'string') this.ignored.push(field.path);
    } catch (error) {
      if (!(error instanceof ValueError)) throw error;
      if (this.isTolerant(field)) this.ignored.push(field.path);
      else throw refused(this.text, field, raw, error.causedBy);
    }
  }

  private keep(field: Field, stored: Stored): void {
    const before = this.values.get(field);
    if (before === undefined) this.values.set(field, stored);
    else if (Array.isArray(before)) before.push(stored);
    else this.values.set(field, [before, stored]);
  }

  private flatten(field: Field, prefix: string, value: Json): void {
    if (value === null) return;
    if (Array.isArray(value)) for (const each of value) this.flatten(field, prefix, each);
    else if (isObject(value)) {
      for (const [key, each] of Object.entries(value))
        this.flatten(field, prefix === '' ? key : `${prefix}.${key}`, each);
    } else this.keep(field, `${prefix}\0${String(value)}`);
  }

  /** A long number as it was written, since JavaScript's may have lost digits. */
  private exact(path: string, value: string | number | boolean): Scalar {
    if (typeof value !== 'number' || Number.isSafeInteger(value) || !Number.isInteger(value)) return value;
    const seen = locate(this.text.source, path, 1000).find((each) => Number(each.literal) === value);
    return seen !== undefined && /^-?\d{1,40}$/.test(seen.literal) ? BigInt(seen.literal) : value;
  }

  /** Whether a field leaves a malformed value out instead of refusing the document. */
  private isTolerant(field: Field): boolean {
    const own = field.parameters['ignore_malformed'];
    return own === undefined ? this.mapping.limits.ignoresMalformed : own === true || own === 'true';
  }
}
