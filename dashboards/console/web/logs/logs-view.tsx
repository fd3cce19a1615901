/** The view that most time is spent in: search, histogram, filters, list, one record. */
import type { JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { RecordPanel } from '../records/record-panel.js';
import { useRowHeight } from '../records/row-height.js';
import { Icon } from '../shell/icons.js';
import { navigate, pageState, searchOnceMore } from '../state/page-state.js';
import {
  keepSearching,
  results,
  type SearchResults,
  searching,
  searchProblem,
} from '../state/search-results.js';
import { Facets } from './facets.js';
import { Histogram, Legend } from './histogram.js';
import { LogList, useActive } from './log-list.js';
import { NothingFound, SearchFailed } from './nothing-found.js';
import { QueryBox } from './query-box.js';
import { RangePicker } from './range-picker.js';

const REFRESH_CHOICES = [
  [0, 'Refresh: off'],
  [5, 'Every 5 s'],
  [10, 'Every 10 s'],
  [30, 'Every 30 s'],
  [60, 'Every minute'],
] as const;

function Toolbar(): JSX.Element {
  const { refreshSeconds } = pageState.value;
  return (
    <div class="toolbar">
      <QueryBox />
      <div class="toolbar-end">
        <RangePicker />
        <div class="joined">
          <button type="button" class="main" aria-label="Search" onClick={searchOnceMore}>
            <Icon name="refresh" /> <span class="wide-only">Search</span>
          </button>
          <select
            aria-label="Refresh"
            value={refreshSeconds}
            onChange={(event) => navigate({ refreshSeconds: Number(event.currentTarget.value) })}
          >
            {REFRESH_CHOICES.map(([seconds, label]) => (
              <option key={seconds} value={seconds}>
                {label}
              </option>
            ))}
          </select>
        </div>
      </div>
    </div>
  );
}

function countText(found: SearchResults): string {
  const { summary } = found;
  if (!summary) return 'Counting…';
  const number = summary.total.toLocaleString();
  return `${summary.totalExact ? '' : 'over '}${number} ${summary.total === 1 ? 'record' : 'records'}`;
}

function Summary({ onFilters, filters }: { onFilters: () => void; filters: boolean }): JSX.Element {
  const found = results.value;
  const { order, levels, services } = pageState.value;
  const chosen = levels.length + services.length;
  return (
    <div class="summary">
      <div class="summary-line">
        <button type="button" class="narrow-only" aria-expanded={filters} onClick={onFilters}>
          <Icon name="filter" /> Filters{chosen > 0 ? ` (${chosen})` : ''}
        </button>
        <p class="count" role="status" aria-live="polite" aria-label="Result">
          {found && !searchProblem.value
            ? countText(found)
            : searchProblem.value
              ? 'No result'
              : 'Searching…'}
          {found?.summary && !searchProblem.value && <small> in {found.summary.tookMs} ms</small>}
        </p>
        {found?.summary && <Legend summary={found.summary} />}
        <button
          type="button"
          class="link"
          title="Turn the order round"
          onClick={() => navigate({ order: order === 'desc' ? 'asc' : 'desc' })}
        >
          <Icon name={order === 'desc' ? 'down' : 'up'} />
          {order === 'desc' ? 'Newest first' : 'Oldest first'}
        </button>
      </div>
      {found?.summary?.problem && (
        <p class="problem-line" role="alert">
          {found.summary.problem}
        </p>
      )}
      {found?.summary ? <Histogram summary={found.summary} /> : <div class="histogram-space" />}
    </div>
  );
}

function Found({ found }: { found: SearchResults }): JSX.Element {
  const rowHeight = useRowHeight();
  const { active, move } = useActive(found);
  const { record } = pageState.value;
  const { pages } = found;
  pages.version.value;
  return (
    <>
      {pages.rowCount === 0 ? (
        <NothingFound />
      ) : (
        <LogList results={found} rowHeight={rowHeight} active={active} move={move} />
      )}
      {record && (
        <RecordPanel
          place={record}
          onStep={(by) => move(Math.max(0, Math.min(pages.rowCount - 1, active + by)))}
        />
      )}
    </>
  );
}

/** The view. */
export function LogsView(): JSX.Element {
  const [filters, setFilters] = useState(false);
  useEffect(keepSearching, []);
  const found = results.value;
  const problem = searchProblem.value;
  return (
    <main class="view" aria-busy={searching.value}>
      <Toolbar />
      <div class={`progress ${searching.value ? 'progress-on' : ''}`} role="presentation" />
      <Summary filters={filters} onFilters={() => setFilters(!filters)} />
      <div class={`below ${filters ? 'filters-open' : ''}`}>
        <Facets />
        {problem ? <SearchFailed /> : found ? <Found found={found} /> : <div class="empty">Searching…</div>}
      </div>
    </main>
  );
}
