/** Decides how a field that is not mapped is mapped: dynamic templates first, then by the value's kind. */
import { isObject, type Json, type JsonObject, matchesPattern } from '../json.js';
import { parseDate } from './date.js';
import type { DynamicTemplate, Mapping } from './mapping.js';

/** The kinds of values that dynamic templates name in `match_mapping_type`. */
export type DynamicKind = 'string' | 'long' | 'double' | 'boolean' | 'date' | 'object';

const MATCHING = [
  'match',
  'unmatch',
  'path_match',
  'path_unmatch',
  'match_mapping_type',
  'unmatch_mapping_type',
];

/** The kind of a scalar, by the mapping's detection of dates and numbers. */
export function kindOf(
  mapping: Mapping,
  value: string | number | bigint | boolean,
  isFraction: boolean,
): DynamicKind {
  if (typeof value === 'boolean') return 'boolean';
  if (typeof value !== 'string') return isFraction ? 'double' : 'long';
  if (mapping.dateDetection && detectedFormat(mapping, value) !== undefined) return 'date';
  if (mapping.numericDetection && /^-?\d{1,18}$/.test(value)) return 'long';
  if (mapping.numericDetection && /^-?\d{1,18}\.\d{1,18}$/.test(value)) return 'double';
  return 'string';
}

function detectedFormat(mapping: Mapping, value: string): string | undefined {
  if (value.length < 8 || value.length > 40 || !/^\d{4}[-/]/.test(value)) return undefined;
  return mapping.dateFormats.find((format) => parseDate(value, format) !== undefined);
}

/** The definition a new field gets. */
export function dynamicDefinition(
  mapping: Mapping,
  path: string,
  kind: DynamicKind,
  value: Json | bigint,
): JsonObject {
  const name = path.slice(path.lastIndexOf('.') + 1);
  const template = mapping.dynamicTemplates.find((each) => applies(each, name, path, kind));
  const chosen = template?.rule['mapping'];
  if (isObject(chosen)) return filledIn(chosen, name, kind);
  switch (kind) {
    case 'string':
      return { type: 'text', fields: { keyword: { type: 'keyword', ignore_above: 256 } } };
    case 'date': {
      const format = typeof value === 'string' ? detectedFormat(mapping, value) : undefined;
      return format === undefined || format === 'strict_date_optional_time'
        ? { type: 'date' }
        : { type: 'date', format };
    }
    case 'double':
      return { type: 'float' };
    default:
      return { type: kind };
  }
}

function filledIn(definition: JsonObject, name: string, kind: DynamicKind): JsonObject {
  const text = JSON.stringify(definition)
    .replaceAll('{name}', JSON.stringify(name).slice(1, -1))
    .replaceAll('{dynamic_type}', kind);
  const filled = JSON.parse(text) as JsonObject;
  return filled['type'] === undefined
    ? { type: kind === 'string' ? 'text' : kind === 'double' ? 'float' : kind, ...filled }
    : filled;
}

function applies(template: DynamicTemplate, name: string, path: string, kind: DynamicKind): boolean {
  const { rule } = template;
  const isRegex = rule['match_pattern'] === 'regex';
  const fits = (condition: Json | undefined, subject: string): boolean =>
    (Array.isArray(condition) ? condition : [condition]).some((pattern) =>
      isRegex
        ? new RegExp(`^(?:${String(pattern)})$`).test(subject)
        : matchesPattern(String(pattern), subject),
    );
  const types = (key: string): string[] | undefined => {
    const condition = rule[key];
    return condition === undefined
      ? undefined
      : (Array.isArray(condition) ? condition : [condition]).map(String);
  };
  const wanted = types('match_mapping_type');
  if (wanted !== undefined && !wanted.includes('*') && !wanted.includes(kind)) return false;
  if (types('unmatch_mapping_type')?.includes(kind) === true) return false;
  if (rule['match'] !== undefined && !fits(rule['match'], name)) return false;
  if (rule['unmatch'] !== undefined && fits(rule['unmatch'], name)) return false;
  if (rule['path_match'] !== undefined && !fits(rule['path_match'], path)) return false;
  if (rule['path_unmatch'] !== undefined && fits(rule['path_unmatch'], path)) return false;
  return MATCHING.some((condition) => rule[condition] !== undefined);
}
