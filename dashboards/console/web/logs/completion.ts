/** Suggestions for the word at the caret: names of fields, and values of a field. */
import type { FieldInfo, ValueCount } from '../../model/api.js';
import {
  type CompletionPlace,
  completionPlace,
  escapedField,
  escapedValue,
} from '../../model/query-clause.js';
import { read } from '../state/api.js';
import { results } from '../state/search-results.js';

/** One suggestion. */
export interface Suggestion {
  /** What is written in place of the typed part. */
  text: string;
  label: string;
  /** A field's type, or a value's count. */
  detail: string;
}

const SUGGESTIONS_MAX = 10;

/** Fields are asked for at most this often. */
const FRESH_MS = 60_000;

/** Fields that come first among those that match equally well. */
const COMMON = ['log.level', 'service.name', 'message', 'error.type', 'trace.id', 'host.hostname'];

let fields: Promise<readonly FieldInfo[]> | undefined;
let readAt = 0;

function knownFields(): Promise<readonly FieldInfo[]> {
  if (!fields || Date.now() - readAt > FRESH_MS) {
    readAt = Date.now();
    fields = read<{ fields: FieldInfo[] }>('fields').then((reply) => reply.fields);
    fields.catch(() => {
      fields = undefined;
    });
  }
  return fields;
}

function rank(name: string, typed: string): number {
  const common = COMMON.indexOf(name);
  return (name.startsWith(typed) ? 0 : 100) + (common >= 0 ? common : 50);
}

async function fieldSuggestions(place: CompletionPlace): Promise<Suggestion[]> {
  const typed = place.typed.toLowerCase();
  const names = (await knownFields()).filter((field) => field.name.toLowerCase().includes(typed));
  return [...names]
    .sort((a, b) => rank(a.name, typed) - rank(b.name, typed) || a.name.localeCompare(b.name))
    .slice(0, SUGGESTIONS_MAX)
    .map((field) => ({
      text: place.field === '_exists_' ? `${escapedField(field.name)} ` : `${escapedField(field.name)}:`,
      label: field.name,
      detail: field.type,
    }));
}

async function valueSuggestions(place: CompletionPlace, signal: AbortSignal): Promise<Suggestion[]> {
  const range = results.peek()?.range ?? { from: Date.now() - 86_400_000, to: Date.now() };
  const { field } = place;
  const asked = { field, prefix: place.typed.replace(/^"|\\(?=.)/g, ''), from: range.from, to: range.to };
  const reply = await read<{ values: ValueCount[] }>('fields/values', asked, signal);
  return reply.values.map((each) => ({
    text: `${escapedValue(each.value)} `,
    label: each.value,
    detail: each.count.toLocaleString(),
  }));
}

/** What can be suggested at the caret, and where it goes. */
export async function suggestions(
  query: string,
  caret: number,
  signal: AbortSignal,
): Promise<{ place: CompletionPlace; found: Suggestion[] } | null> {
  const place = completionPlace(query, caret);
  if (!place || (place.kind === 'field' && place.typed === '' && place.field === '')) return null;
  const found =
    place.kind === 'field' ? await fieldSuggestions(place) : await valueSuggestions(place, signal);
  return { place, found: found.filter((each) => each.text.trim() !== place.typed) };
}
