/**
 * What the page shows, as it stands in the address bar, so that a link shows a colleague the same.
 *
 * What is as by default is left out of the address.
 */
import { DEFAULT_RANGE, type TimeRange } from './time-range.js';

/** The page's views. */
export type View = 'logs' | 'tail' | 'letters';

/** A record or a letter that is open. */
export interface RecordPlace {
  index: string;
  id: string;
}

/** Everything that is in the address. */
export interface PageState {
  view: View;
  query: string;
  range: TimeRange;
  levels: readonly string[];
  services: readonly string[];
  order: 'asc' | 'desc';
  columns: readonly string[];
  record: RecordPlace | null;
  /** Searches again this often; 0 never. */
  refreshSeconds: number;
  /** The live tail's binding key. */
  bindingKey: string;
  /** The dead letter that is open. */
  letter: string | null;
}

/** What an address without parameters shows. */
export const DEFAULT_STATE: PageState = {
  view: 'logs',
  query: '',
  range: DEFAULT_RANGE,
  levels: [],
  services: [],
  order: 'desc',
  columns: [],
  record: null,
  refreshSeconds: 0,
  bindingKey: 'app.#',
  letter: null,
};

/** Reads the part of an address after the `?`; what it does not understand is as by default. */
export function readAddress(search: string): PageState {
  const given = new URLSearchParams(search);
  const view = given.get('view');
  const [index, id] = [given.get('index'), given.get('record')];
  const refresh = Number(given.get('refresh') ?? 0);
  return {
    view: view === 'tail' || view === 'letters' ? view : 'logs',
    query: given.get('query') ?? '',
    range: { from: given.get('from') ?? DEFAULT_RANGE.from, to: given.get('to') ?? DEFAULT_RANGE.to },
    levels: given.getAll('level'),
    services: given.getAll('service'),
    order: given.get('order') === 'asc' ? 'asc' : 'desc',
    columns: given.getAll('column').slice(0, 10),
    record: index !== null && id !== null ? { index, id } : null,
    refreshSeconds: Number.isInteger(refresh) && refresh >= 5 && refresh <= 3600 ? refresh : 0,
    bindingKey: given.get('key') ?? DEFAULT_STATE.bindingKey,
    letter: given.get('letter'),
  };
}

/** The address of a state, from the `?` on; empty for the default. */
export function writeAddress(state: PageState): string {
  const written = new URLSearchParams();
  const put = (name: string, value: string, byDefault: string) => {
    if (value !== byDefault) written.append(name, value);
  };
  put('view', state.view, 'logs');
  put('query', state.query, '');
  if (state.range.from !== DEFAULT_RANGE.from || state.range.to !== DEFAULT_RANGE.to) {
    written.append('from', state.range.from);
    written.append('to', state.range.to);
  }
  for (const level of state.levels) written.append('level', level);
  for (const service of state.services) written.append('service', service);
  put('order', state.order, 'desc');
  for (const column of state.columns) written.append('column', column);
  if (state.record) {
    written.append('index', state.record.index);
    written.append('record', state.record.id);
  }
  put('refresh', String(state.refreshSeconds), '0');
  put('key', state.bindingKey, DEFAULT_STATE.bindingKey);
  if (state.letter !== null) written.append('letter', state.letter);
  const text = written.toString();
  return text === '' ? '' : `?${text}`;
}
