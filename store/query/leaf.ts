/** One leaf of a query as a field's storage sees it: without the fields, which have been resolved. */
import { ApiError } from '../errors.js';
import type { Field } from '../mapping/field.js';
import type { Query } from './ast.js';

/** A leaf of the tree without its fields. */
export type Leaf =
  | { kind: 'term'; value: string | number | boolean; ignoreCase: boolean; isLenient: boolean }
  | { kind: 'terms'; values: (string | number | boolean)[]; isLenient: boolean }
  | Omit<Extract<Query, { kind: 'range' }>, 'fields'>
  | Omit<Extract<Query, { kind: 'words' }>, 'fields'>
  | Omit<Extract<Query, { kind: 'phrase' }>, 'fields'>
  | (Omit<Extract<Query, { kind: 'pattern' }>, 'fields'> & { isLenient: boolean })
  | (Omit<Extract<Query, { kind: 'prefix' }>, 'fields'> & { isLenient: boolean })
  | (Omit<Extract<Query, { kind: 'regexp' }>, 'fields'> & { isLenient: boolean })
  | (Omit<Extract<Query, { kind: 'fuzzy' }>, 'fields'> & { isLenient: boolean });

/** A condition on one value, given the SQL that stands for it. */
export type ValueCondition = (value: string) => string;

/** The error for a query a field's type cannot answer. */
export function unsupported(field: Field, what: string): ApiError {
  return new ApiError(
    400,
    'query_shard_exception',
    `Can only use ${what} queries on keyword, text and wildcard fields - not on [${field.path}] which is of type [${field.type}]`,
  );
}
