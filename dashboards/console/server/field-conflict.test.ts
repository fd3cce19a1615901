import { describe, expect, it } from 'vitest';
import { fieldConflict, mappingOf, nestedMapping } from './field-conflict.js';

describe('a store’s refusal', () => {
  it('names the field and its type, and can be mended where the type takes ignore_malformed', () => {
    const error =
      "document_parsing_exception: [1:240] failed to parse field [http.status] of type [long] in document with id 'x'. Preview of field's value: 'abc'";
    expect(fieldConflict(error, 'logs-order-production')).toMatchObject({
      field: 'http.status',
      type: 'long',
      mendable: true,
    });
    expect(fieldConflict(error, null)).toMatchObject({ mendable: false });
    expect(fieldConflict(error.replace('[long]', '[keyword]'), 'logs-a-b')).toMatchObject({
      mendable: false,
    });
  });

  it('is told apart from an object where a value should be, and from too many fields', () => {
    const object =
      'document_parsing_exception: [1:9] object mapping for [user] tried to parse field [user] as object, but found a concrete value';
    expect(fieldConflict(object, 'i')).toMatchObject({ field: 'user', type: 'object', mendable: false });
    const limit = 'illegal_argument_exception: Limit of total fields [1000] has been exceeded';
    expect(fieldConflict(limit, 'i')?.advice).toContain('1000');
  });

  it('is nothing of the kind when it is about something else', () => {
    expect(fieldConflict('too-large: 20 MB', 'i')).toBeNull();
    expect(fieldConflict(null, 'i')).toBeNull();
  });
});

describe('a mapping', () => {
  it('is found and written at a dotted name', () => {
    const properties = { http: { properties: { status: { type: 'long' } } } };
    expect(mappingOf(properties, 'http.status')).toEqual({ type: 'long' });
    expect(mappingOf(properties, 'http.other')).toBeUndefined();
    expect(nestedMapping('http.status', { type: 'long' })).toEqual(properties);
  });
});
