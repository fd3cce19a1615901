/** Index expressions: names, comma lists, wildcards and exclusions, resolved against the catalog. */
import { ApiError, indexNotFound } from '../errors.js';
import { matchesPattern } from '../json.js';
import type { Catalog, Index } from './catalog.js';

/** How an expression that finds nothing is taken. */
export interface ExpressionOptions {
  ignoreUnavailable: boolean;
  allowNoIndices: boolean;
}

/** The indices an expression names, each once, in order of name within a wildcard. */
export function resolveIndices(catalog: Catalog, expression: string, options: ExpressionOptions): Index[] {
  const found = new Map<string, Index>();
  const parts =
    expression === '' || expression === '_all'
      ? ['*']
      : expression
          .split(',')
          .map((part) => part.trim())
          .filter((part) => part !== '');
  let hadWildcard = false;
  for (const part of parts) {
    if (part.startsWith('-') && hadWildcard) {
      for (const name of [...found.keys()]) {
        const stream = found.get(name)?.dataStream;
        if (
          matchesPattern(part.slice(1), name) ||
          (stream !== undefined && matchesPattern(part.slice(1), stream))
        )
          found.delete(name);
      }
      continue;
    }
    const isWildcard = part.includes('*') || part === '_all';
    hadWildcard ||= isWildcard;
    const matches = isWildcard ? wildcard(catalog, part === '_all' ? '*' : part) : exact(catalog, part);
    if (matches.length === 0) {
      if (isWildcard ? !options.allowNoIndices : !options.ignoreUnavailable) throw indexNotFound(part);
    }
    for (const index of matches) found.set(index.name, index);
  }
  if (found.size === 0 && !options.allowNoIndices) throw indexNotFound(expression);
  return [...found.values()];
}

function exact(catalog: Catalog, name: string): Index[] {
  const index = catalog.indices.get(name);
  if (index !== undefined) return [index];
  const stream = catalog.dataStreams.get(name);
  return stream === undefined ? [] : backing(catalog, stream.indices);
}

function wildcard(catalog: Catalog, pattern: string): Index[] {
  const isHidden = pattern.startsWith('.');
  const matches: Index[] = [];
  for (const stream of [...catalog.dataStreams.values()].sort((a, b) => (a.name < b.name ? -1 : 1))) {
    if (matchesPattern(pattern, stream.name)) matches.push(...backing(catalog, stream.indices));
  }
  for (const index of [...catalog.indices.values()].sort((a, b) => (a.name < b.name ? -1 : 1))) {
    if (index.name.startsWith('.') && !isHidden) continue;
    if (matchesPattern(pattern, index.name)) matches.push(index);
  }
  return matches;
}

function backing(catalog: Catalog, names: readonly string[]): Index[] {
  return names.flatMap((name) => {
    const index = catalog.indices.get(name);
    return index === undefined ? [] : [index];
  });
}

/** Checks the name of an index or data stream that is to be made. @throws ApiError 400 */
export function checkIndexName(name: string): void {
  const invalid = (reason: string): ApiError =>
    new ApiError(400, 'invalid_index_name_exception', `Invalid index name [${name}], ${reason}`, undefined, {
      index: name,
      index_uuid: '_na_',
    });
  if (name === '' || name === '.' || name === '..') throw invalid("must not be '.' or '..'");
  if (/[\\/*?"<>| ,]/.test(name)) {
    throw invalid("must not contain the following characters [' ','\"','*',',','/','<','>','?','\\','|']");
  }
  if (name.includes('#')) throw invalid("must not contain '#'");
  if (name.includes(':')) throw invalid("must not contain ':'");
  if (/^[_\-+]/.test(name)) throw invalid("must not start with '_', '-', or '+'");
  if (name !== name.toLowerCase()) throw invalid('must be lowercase');
  if (Buffer.byteLength(name) > 255) throw invalid('index name is too long, (bytes > 255)');
}
