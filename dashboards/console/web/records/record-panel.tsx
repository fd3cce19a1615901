/** One stored record in full, fetched by its place. */
import type { JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { type RecordPlace, writeAddress } from '../../model/address.js';
import type { LogDocument } from '../../model/api.js';
import { clause } from '../../model/query-clause.js';
import { fieldText, fieldValue } from '../../model/record-fields.js';
import { localTime } from '../../model/time-range.js';
import { Icon } from '../shell/icons.js';
import { copyText } from '../shell/notice.js';
import { isAbort, type RequestError, read, requestError } from '../state/api.js';
import { navigate, pageState } from '../state/page-state.js';
import { LevelTag } from './level-tag.js';
import { RecordBody } from './record-body.js';
import { SidePanel } from './side-panel.js';

/** “Around this time” shows this much before and after. */
const AROUND_MS = 30_000;

/** “This trace” looks this far to both sides. */
const TRACE_MS = 15 * 60_000;

type Source = Record<string, unknown>;

function around(source: Source, ms: number): { from: string; to: string } | null {
  const time = Date.parse(fieldText(fieldValue(source, '@timestamp')) ?? '');
  return Number.isNaN(time) ? null : { from: String(time - ms), to: String(time + ms) };
}

function showTrace(source: Source, trace: string): void {
  const range = around(source, TRACE_MS) ?? pageState.peek().range;
  navigate({ query: clause('trace.id', trace, false), levels: [], services: [], range, order: 'asc' });
}

function showAround(source: Source): void {
  const range = around(source, AROUND_MS);
  const service = fieldText(fieldValue(source, 'service.name'));
  if (range)
    navigate({ query: '', levels: [], services: service === null ? [] : [service], range, order: 'asc' });
}

function copyLink(): void {
  const state = pageState.peek();
  const { record } = state;
  if (record) void copyText(location.origin + location.pathname + writeAddress(state), 'Link');
}

function Actions({ document }: { document: LogDocument }): JSX.Element {
  const { source } = document;
  const trace = fieldText(fieldValue(source, 'trace.id'));
  return (
    <>
      {trace !== null && (
        <button type="button" onClick={() => showTrace(source, trace)}>
          <Icon name="trace" /> This trace
        </button>
      )}
      <button type="button" onClick={() => showAround(source)}>
        <Icon name="clock" /> Around this time
      </button>
      <button type="button" onClick={() => void copyText(JSON.stringify(source, null, 2), 'JSON')}>
        <Icon name="copy" /> Copy JSON
      </button>
      <button type="button" onClick={copyLink}>
        <Icon name="link" /> Copy link
      </button>
    </>
  );
}

function Title({ source }: { source: Source }): JSX.Element {
  const time = fieldText(fieldValue(source, '@timestamp')) ?? '';
  const parsed = Date.parse(time);
  return (
    <>
      <LevelTag
        level={fieldText(fieldValue(source, 'log.level')) ?? fieldText(fieldValue(source, 'level'))}
      />
      <strong>{fieldText(fieldValue(source, 'service.name')) ?? 'no service'}</strong>
      <time dateTime={time} title={time}>
        {Number.isNaN(parsed) ? time : localTime(parsed)}
      </time>
    </>
  );
}

/** Fetches whatever place is asked for; the one before stays until the next is here. */
function useDocument(place: RecordPlace): { document: LogDocument | null; problem: RequestError | null } {
  const [document, setDocument] = useState<LogDocument | null>(null);
  const [problem, setProblem] = useState<RequestError | null>(null);
  const { index, id } = place;
  useEffect(() => {
    const abort = new AbortController();
    read<LogDocument>('logs/document', { index, id }, abort.signal).then(
      (found) => {
        setDocument(found);
        setProblem(null);
      },
      (error: unknown) => {
        if (!isAbort(error)) setProblem(requestError(error));
      },
    );
    return () => abort.abort();
  }, [index, id]);
  return { document, problem };
}

/** The panel. */
export function RecordPanel(props: { place: RecordPlace; onStep: (by: number) => void }): JSX.Element {
  const { document, problem } = useDocument(props.place);
  return (
    <SidePanel
      label="Record"
      of={props.place.id}
      title={document && !problem ? <Title source={document.source} /> : <strong>Record</strong>}
      actions={document && !problem && <Actions document={document} />}
      onClose={() => navigate({ record: null })}
      onStep={props.onStep}
    >
      {problem && (
        <p class="problem-text" role="alert">
          {problem.message}
        </p>
      )}
      {!problem && !document && <p class="hint">Fetching the record…</p>}
      {!problem && document && <RecordBody source={document.source} searchable />}
      {!problem && document && (
        <p class="hint document-place">
          {document.index} / {document.id}
        </p>
      )}
    </SidePanel>
  );
}
