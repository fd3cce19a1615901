/** One line of a list of records. */
import type { JSX } from 'preact';
import { memo } from 'preact/compat';
import type { LogRow } from '../../model/api.js';
import { levelKind } from '../../model/level.js';
import { LevelTag } from './level-tag.js';
import { Marked } from './marked.js';
import { rowTime } from './row-time.js';

interface RecordRowProps {
  /** Begins the row's id. */
  name: string;
  position: number;
  /** Undefined while it is fetched. */
  record: Pick<LogRow, 'time' | 'level' | 'service' | 'message' | 'error'> | undefined;
  columns: readonly (string | null)[];
  withDay: boolean;
  words: readonly string[];
  active: boolean;
  open: boolean;
  onOpen: (position: number) => void;
}

function Cells(props: RecordRowProps & { record: NonNullable<RecordRowProps['record']> }): JSX.Element {
  const { record, columns, withDay, words } = props;
  return (
    <>
      <span role="gridcell" class="cell-time">
        {rowTime(record.time, withDay)}
      </span>
      <span role="gridcell" class="cell-level">
        <LevelTag level={record.level} />
      </span>
      <span role="gridcell" class="cell-service" title={record.service ?? undefined}>
        {record.service ?? '–'}
      </span>
      {columns.map((value, position) => (
        <span key={position} role="gridcell" class="cell-column" title={value ?? undefined}>
          {value ?? '–'}
        </span>
      ))}
      <span role="gridcell" class="cell-message">
        {record.error !== null && <span class="cell-error">{record.error}</span>}
        <Marked text={record.message} words={words} />
      </span>
    </>
  );
}

/** The line; the list moves through them by key, so a line itself takes no focus. */
export const RecordRow = memo((props: RecordRowProps): JSX.Element => {
  const { name, position, record, active, open, onOpen } = props;
  const kind = levelKind(record?.level ?? null);
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: the grid takes the keys
    <div
      id={`${name}-${position}`}
      role="row"
      aria-rowindex={position + 1}
      aria-selected={active}
      class={`row level-${kind} ${active ? 'row-active' : ''} ${open ? 'row-open' : ''}`}
      onClick={() => onOpen(position)}
    >
      {record ? <Cells {...props} record={record} /> : <span role="gridcell" class="row-waiting" />}
    </div>
  );
});
