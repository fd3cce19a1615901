/** What stands in place of the list when there is nothing in it: why, and what to do. */
import type { JSX } from 'preact';
import { ago, localTime, type TimeRange } from '../../model/time-range.js';
import { health } from '../shell/health.js';
import { SyntaxTable } from '../shell/help-dialog.js';
import { Icon } from '../shell/icons.js';
import { navigate, pageState, searchOnceMore } from '../state/page-state.js';
import { newest, searchProblem } from '../state/search-results.js';

/** A jump shows this much before the newest record, and a little after it. */
const JUMP_BEFORE_MS = 15 * 60_000;
const JUMP_AFTER_MS = 1000;

function jumpRange(time: number): TimeRange {
  return { from: String(time - JUMP_BEFORE_MS), to: String(time + JUMP_AFTER_MS) };
}

function Jump({ time, what }: { time: string; what: string }): JSX.Element {
  const at = Date.parse(time);
  return (
    <p>
      The newest {what} is {ago(at, Date.now())}, {localTime(Math.floor(at / 1000) * 1000)}.{' '}
      <button type="button" class="main" onClick={() => navigate({ range: jumpRange(at) })}>
        Jump there
      </button>
    </p>
  );
}

function ClearFilters(): JSX.Element | null {
  const { query, levels, services } = pageState.value;
  if (query === '' && levels.length + services.length === 0) return null;
  return (
    <button type="button" onClick={() => navigate({ query: '', levels: [], services: [] })}>
      Clear query and filters
    </button>
  );
}

/** For a search that worked and found nothing. */
export function NothingFound(): JSX.Element {
  const known = newest.value;
  const { query, levels, services } = pageState.value;
  const filtered = query !== '' || levels.length + services.length > 0;
  if (known && known.any === null) {
    return (
      <div class="empty">
        <Icon name="search" />
        <h2>No logs have been stored yet</h2>
        <p>
          Add an agent to a service, or try it now: <code>warren demo</code> starts three services that log.
        </p>
        <p class="hint">
          {health.value?.broker.up === false
            ? 'The broker does not answer, so nothing can arrive: see the dots at the top right.'
            : 'New records appear here as soon as they are stored.'}
        </p>
        <button type="button" onClick={searchOnceMore}>
          <Icon name="refresh" /> Search again
        </button>
      </div>
    );
  }
  return (
    <div class="empty">
      <Icon name="search" />
      <h2>{filtered ? 'Nothing in this range matches' : 'No logs in this range'}</h2>
      {known?.matching && (
        <Jump time={known.matching} what={filtered ? 'that matches the query' : 'record'} />
      )}
      {known?.any && !known.matching && <p>No record of any time matches the query.</p>}
      <ClearFilters />
    </div>
  );
}

/** For a search that failed for another reason than its query. */
export function SearchFailed(): JSX.Element | null {
  const problem = searchProblem.value;
  if (!problem) return null;
  const inQuery = problem.code === 'ERR_WARREN_QUERY';
  return (
    <div class="empty" role={inQuery ? undefined : 'alert'}>
      <Icon name={inQuery ? 'search' : 'close'} />
      <h2>{inQuery ? 'The query needs a change' : 'The search failed'}</h2>
      <p>
        {inQuery
          ? 'What is wrong with it stands below the query box. It may look like this:'
          : problem.message}
      </p>
      {inQuery && <SyntaxTable onPick={(example) => navigate({ query: example })} />}
      {!inQuery && (
        <button type="button" onClick={searchOnceMore}>
          <Icon name="refresh" /> Search again
        </button>
      )}
    </div>
  );
}
