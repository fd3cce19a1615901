/** The records that were found. */
import { useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import { useCallback, useEffect, useMemo } from 'preact/hooks';
import { markedWords } from '../../model/query-clause.js';
import { RecordRow } from '../records/record-row.js';
import { spansDays } from '../records/row-time.js';
import { VirtualList } from '../shell/virtual-list.js';
import { navigate, pageState } from '../state/page-state.js';
import type { RecordPages } from '../state/record-pages.js';
import type { SearchResults } from '../state/search-results.js';

function Head({ columns }: { columns: readonly string[] }): JSX.Element {
  return (
    <div class="row list-head" role="row">
      <span role="columnheader">Time</span>
      <span role="columnheader">Level</span>
      <span role="columnheader">Service</span>
      {columns.map((column) => (
        <span key={column} role="columnheader" class="cell-column" title={column}>
          <span>{column}</span>
          <button
            type="button"
            class="link"
            aria-label={`Remove column ${column}`}
            onClick={() => navigate({ columns: columns.filter((each) => each !== column) })}
          >
            ×
          </button>
        </span>
      ))}
      <span role="columnheader">Message</span>
    </div>
  );
}

function Foot({ pages }: { pages: RecordPages }): JSX.Element {
  const problem = pages.problem.value;
  if (problem) {
    return (
      <div class="list-foot" role="alert">
        {problem.message}{' '}
        <button type="button" onClick={() => pages.again()}>
          Try again
        </button>
      </div>
    );
  }
  const text = pages.complete
    ? `All ${pages.rowCount.toLocaleString()} records are shown.`
    : 'Fetching more…';
  return <div class="list-foot">{text}</div>;
}

/** Opens the record at a position, and where it is. */
function openAt(pages: RecordPages, position: number): void {
  const row = pages.row(position);
  if (!row) return;
  const step = pageState.peek().record ? 'replace' : 'push';
  navigate({ record: { index: row.index, id: row.id } }, step);
}

/** The active row, kept within one search. */
export function useActive(results: SearchResults): { active: number; move: (position: number) => void } {
  const active = useSignal(-1);
  const { pages } = results;
  // another search begins without an active row.
  useEffect(() => {
    const { record } = pageState.peek();
    active.value = -1;
    for (let position = 0; record && position < Math.min(pages.rowCount, 200); position++) {
      if (pages.row(position)?.id === record.id) active.value = position;
    }
  }, [pages]);
  const move = useCallback(
    (position: number) => {
      active.value = position;
      if (pageState.peek().record) openAt(pages, position);
    },
    [pages, active],
  );
  return { active: active.value, move };
}

/** The list. */
export function LogList(props: {
  results: SearchResults;
  rowHeight: number;
  active: number;
  move: (position: number) => void;
}): JSX.Element {
  const { results, rowHeight, active, move } = props;
  const { pages, range, summary } = results;
  const { query, columns, record } = pageState.value;
  pages.version.value;
  const words = useMemo(() => markedWords(query), [query]);
  const withDay = spansDays(range.from, range.to);
  const open = useCallback(
    (position: number) => {
      move(position);
      openAt(pages, position);
    },
    [pages, move],
  );
  const look = useCallback((first: number, last: number) => pages.look(first, last), [pages]);
  return (
    <div
      class={`list-place columns-${columns.length} ${withDay ? 'with-day' : ''}`}
      ref={(element) => element?.style.setProperty('--columns', String(columns.length))}
    >
      <VirtualList
        label="Log records"
        name="record"
        rowCount={pages.rowCount}
        rowTotal={summary?.total ?? pages.rowCount}
        rowHeight={rowHeight}
        of={pages}
        active={active}
        header={<Head columns={columns} />}
        footer={<Foot pages={pages} />}
        row={(position) => {
          const row = pages.row(position);
          return (
            <RecordRow
              key={position}
              name="record"
              position={position}
              record={row}
              columns={row?.columns ?? []}
              withDay={withDay}
              words={words}
              active={position === active}
              open={row !== undefined && record?.id === row.id}
              onOpen={open}
            />
          );
        }}
        onActive={move}
        onOpen={open}
        onLook={look}
      />
    </div>
  );
}
