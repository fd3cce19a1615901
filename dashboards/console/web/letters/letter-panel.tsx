/** One dead letter in full: why it was refused, what can be done, its body, headers and history. */
import type { JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import type { Death, FieldConflict, Letter } from '../../model/api.js';
import { fieldText } from '../../model/record-fields.js';
import { localTime } from '../../model/time-range.js';
import { FieldTable } from '../records/field-table.js';
import { SidePanel } from '../records/side-panel.js';
import { Icon } from '../shell/icons.js';
import { copyText } from '../shell/notice.js';
import { isAbort, type RequestError, read, requestError } from '../state/api.js';
import { navigate } from '../state/page-state.js';
import { acceptMalformed, letterList, replay, replaying } from './letter-list.js';

function shownTime(time: string | null): string {
  const parsed = Date.parse(time ?? '');
  return Number.isNaN(parsed) ? '–' : localTime(parsed);
}

function useLetter(id: string): { letter: Letter | null; problem: RequestError | null } {
  const [letter, setLetter] = useState<Letter | null>(null);
  const [problem, setProblem] = useState<RequestError | null>(null);
  const list = letterList.value;
  // read again whenever the queue was.
  useEffect(() => {
    const abort = new AbortController();
    read<Letter>(`dead-letters/${encodeURIComponent(id)}`, {}, abort.signal).then(
      (found) => {
        setLetter(found);
        setProblem(null);
      },
      (error: unknown) => {
        if (!isAbort(error)) setProblem(requestError(error));
      },
    );
    return () => abort.abort();
  }, [id, list]);
  return { letter, problem };
}

function Mend({ id, conflict }: { id: string; conflict: FieldConflict }): JSX.Element {
  const [busy, setBusy] = useState(false);
  const [done, setDone] = useState(false);
  useEffect(() => setDone(false), [id]);
  const accept = async () => {
    setBusy(true);
    setDone(await acceptMalformed(id));
    setBusy(false);
  };
  return (
    <section class="mend" aria-label="What can be done">
      <h3>What can be done</h3>
      <p>{conflict.advice}</p>
      {conflict.mendable && (
        <p class="mend-actions">
          <button type="button" disabled={busy || done} onClick={() => void accept()}>
            {done ? 'Such values are accepted' : 'Accept such values'}
          </button>
          <span class="hint">
            sets <code>ignore_malformed</code> on <code>{conflict.field}</code> ({conflict.type}) in{' '}
            <code>{conflict.index}</code>
          </span>
        </p>
      )}
    </section>
  );
}

function Body({ text }: { text: string }): JSX.Element {
  let shown = text;
  try {
    shown = JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    // Not JSON: shown as it is.
  }
  return (
    <pre class="json" role="region" aria-label="Body">
      {shown}
    </pre>
  );
}

function Deaths({ deaths }: { deaths: readonly Death[] }): JSX.Element {
  if (deaths.length === 0) {
    return <p class="hint">The broker kept no history: the collector put it here itself.</p>;
  }
  return (
    <ol class="deaths">
      {deaths.map((death) => (
        <li key={`${death.queue}${death.reason}`}>
          <b>{death.reason}</b> in <code>{death.queue}</code>
          {death.exchange !== '' && (
            <>
              {' '}
              from exchange <code>{death.exchange}</code>
            </>
          )}
          , {death.count === 1 ? 'once' : `${death.count} times`}
          {death.time !== null && `, ${shownTime(death.time)}`}
        </li>
      ))}
    </ol>
  );
}

function Facts({ letter }: { letter: Letter }): JSX.Element {
  const facts: [string, string | null][] = [
    ['When', shownTime(letter.failedAt)],
    ['Index', letter.index],
    ['Status', letter.status === null || letter.status === 0 ? null : String(letter.status)],
    ['Attempts', letter.attempts === null ? null : String(letter.attempts)],
    ['Replays', String(letter.replays)],
    ['Exchange', letter.exchange === '' ? null : letter.exchange],
    ['Routing key', letter.routingKey],
  ];
  return (
    <dl class="facts">
      {facts.map(([name, value]) =>
        value === null ? null : (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ),
      )}
    </dl>
  );
}

function Content({ letter }: { letter: Letter }): JSX.Element {
  return (
    <>
      <p class="error-heading">{letter.error ?? 'No error was given.'}</p>
      {letter.conflict && <Mend id={letter.id} conflict={letter.conflict} />}
      <Facts letter={letter} />
      <h3>Body</h3>
      <Body text={letter.body} />
      <h3>History</h3>
      <Deaths deaths={letter.deaths} />
      <h3>Headers and properties</h3>
      <FieldTable source={{ headers: letter.headers, ...letter.properties }} searchable={false} />
    </>
  );
}

/** The panel. */
export function LetterPanel({ id }: { id: string }): JSX.Element {
  const { letter, problem } = useLetter(id);
  return (
    <SidePanel
      label="Dead letter"
      of={id}
      title={
        <>
          <span class="reason">{letter?.reason ?? '…'}</span>
          <strong>{fieldText(letter?.service) ?? 'Dead letter'}</strong>
        </>
      }
      actions={
        letter &&
        !problem && (
          <>
            <button
              type="button"
              class="main"
              disabled={replaying.value}
              onClick={() => void replay({ ids: [id] })}
            >
              <Icon name="replay" /> Replay
            </button>
            <button type="button" onClick={() => void copyText(letter.body, 'Body')}>
              <Icon name="copy" /> Copy body
            </button>
          </>
        )
      }
      onClose={() => navigate({ letter: null })}
    >
      {problem && (
        <p class="problem-text" role="alert">
          {problem.message}
        </p>
      )}
      {!problem && !letter && <p class="hint">Fetching the letter…</p>}
      {!problem && letter && <Content letter={letter} />}
    </SidePanel>
  );
}
