/** The errors of documents that a mapping refuses, with the place in the text, as Elasticsearch words them. */
import { ApiError, type ErrorCause } from '../errors.js';
import type { Json, JsonObject } from '../json.js';
import type { Field } from './field.js';
import { locate } from './position.js';
import { preview } from './value.js';

/** A document as its errors speak of it. */
export interface DocumentText {
  id: string;
  source: string;
}

/** The error for something at a path. */
export function failure(text: DocumentText, path: string, reason: string, causedBy?: ErrorCause): ApiError {
  const found = path === '' ? undefined : locate(text.source, path)[0];
  return failureAt(found?.line ?? 1, found?.column ?? 1, reason, causedBy);
}

/** The error for a value that a field's type cannot take. */
export function refused(text: DocumentText, field: Field, raw: Json, causedBy: ErrorCause): ApiError {
  const all = locate(text.source, field.parent ?? field.path, 1000);
  const found = all.find(({ literal }) => literal === JSON.stringify(raw)) ?? all[0];
  return failureAt(found?.line ?? 1, found?.column ?? 1, refusal(text, field, raw), causedBy);
}

/** The error for an object where a field is. */
export function refusedObject(text: DocumentText, field: Field, value: JsonObject): ApiError {
  const found = locate(text.source, field.path)[0];
  const start = `${found?.line ?? 1}:${found?.column ?? 1}`;
  const isText = field.storage === 'string' || field.storage === 'tokens';
  const reason = isText
    ? `Expected text at ${start} but found START_OBJECT`
    : 'Cannot parse object as number';
  const cause = { type: 'illegal_argument_exception', reason };
  return failureAt(found?.endLine ?? 1, found?.endColumn ?? 1, refusal(text, field, value), cause);
}

/** What is said of a refused value. */
export function refusal({ id }: DocumentText, field: Field, raw: Json): string {
  return `failed to parse field [${field.path}] of type [${field.type}] in document with id '${id}'. Preview of field's value: '${preview(raw)}'`;
}

function failureAt(line: number, column: number, reason: string, causedBy?: ErrorCause): ApiError {
  return new ApiError(400, 'document_parsing_exception', `[${line}:${column}] ${reason}`, causedBy);
}
