/** Records as they are published. */
import { useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import { useCallback, useEffect, useState } from 'preact/hooks';
import type { TailRecord } from '../../model/api.js';
import { clause } from '../../model/query-clause.js';
import { fieldText, fieldValue } from '../../model/record-fields.js';
import { LevelTag } from '../records/level-tag.js';
import { RecordBody } from '../records/record-body.js';
import { RecordRow } from '../records/record-row.js';
import { useRowHeight } from '../records/row-height.js';
import { rowTime } from '../records/row-time.js';
import { SidePanel } from '../records/side-panel.js';
import { Icon } from '../shell/icons.js';
import { copyText } from '../shell/notice.js';
import { VirtualList } from '../shell/virtual-list.js';
import { navigate, pageState } from '../state/page-state.js';
import {
  clearTail,
  pauseTail,
  startTail,
  tailBehind,
  tailHeld,
  tailPaused,
  tailProblem,
  tailRate,
  tailRecords,
  tailState,
} from './tail-stream.js';

const STATE_TEXTS = {
  connecting: 'Connecting…',
  live: 'Live',
  lost: 'Connection lost, trying again…',
  refused: 'No connection, trying again…',
} as const;

function KeyBox(): JSX.Element {
  const { bindingKey } = pageState.value;
  const [text, setText] = useState(bindingKey);
  useEffect(() => setText(bindingKey), [bindingKey]);
  const apply = (event: Event) => {
    event.preventDefault();
    clearTail();
    navigate({ bindingKey: text.trim() === '' ? 'app.#' : text.trim() });
  };
  return (
    <form class="query-box key-box" onSubmit={apply}>
      <label for="binding-key">Binding key</label>
      <input
        id="binding-key"
        data-main-input
        type="text"
        list="binding-keys"
        spellcheck={false}
        autocomplete="off"
        maxLength={255}
        value={text}
        onInput={(event) => setText(event.currentTarget.value)}
      />
      <datalist id="binding-keys">
        <option value="app.#">everything</option>
        <option value="app.*.error">errors of every service</option>
        <option value="app.*.warn">warnings of every service</option>
        <option value="app.order.*">one service</option>
      </datalist>
      <button type="submit">Tail</button>
    </form>
  );
}

function TailBar(props: { wanted: string; onWanted: (wanted: string) => void }): JSX.Element {
  const paused = tailPaused.value;
  return (
    <div class="toolbar">
      <KeyBox />
      <div class="toolbar-end">
        <input
          type="search"
          class="tail-filter"
          aria-label="Show only lines with"
          placeholder="Show only lines with…"
          value={props.wanted}
          onInput={(event) => props.onWanted(event.currentTarget.value)}
        />
        <button type="button" class="main" aria-pressed={paused} onClick={() => pauseTail(!paused)}>
          <Icon name={paused ? 'play' : 'pause'} /> {paused ? 'Go on' : 'Pause'}
        </button>
        <button type="button" onClick={clearTail}>
          Clear
        </button>
      </div>
    </div>
  );
}

function TailLine({ shown, wanted }: { shown: number; wanted: string }): JSX.Element {
  const rate = tailRate.value;
  const state = tailPaused.value ? 'Paused' : STATE_TEXTS[tailState.value];
  return (
    <div class="summary-line tail-line">
      <p role="status" aria-live="polite" aria-label="Tail">
        <span class={`dot ${tailState.value === 'live' ? 'dot-up' : 'dot-down'}`} aria-hidden="true" />{' '}
        {state}
        {tailHeld.value > 0 && <b> · {tailHeld.value.toLocaleString()} new</b>}
      </p>
      <p class="hint" aria-hidden="true">
        {shown.toLocaleString()} {wanted === '' ? 'records' : 'records with it'} · {rate.toLocaleString()} a
        second
      </p>
      {tailBehind.value && (
        <p class="problem-text">
          Some records were left out: they come faster than this page reads. Choose a narrower key.
        </p>
      )}
    </div>
  );
}

function TailPanel({ record, onClose }: { record: TailRecord; onClose: () => void }): JSX.Element {
  const eventId = fieldText(fieldValue(record.source, 'event.id'));
  return (
    <SidePanel
      label="Record"
      of={record.id}
      title={
        <>
          <LevelTag level={record.level} />
          <strong>{record.service ?? 'no service'}</strong>
          <time dateTime={record.time}>{rowTime(record.time, true)}</time>
        </>
      }
      actions={
        <>
          {eventId !== null && (
            <button
              type="button"
              onClick={() =>
                navigate({
                  view: 'logs',
                  levels: [],
                  services: [],
                  query: clause('event.id', eventId, false),
                  range: { from: 'now-1h', to: 'now' },
                })
              }
            >
              <Icon name="search" /> Find in logs
            </button>
          )}
          <button type="button" onClick={() => void copyText(JSON.stringify(record.source, null, 2), 'JSON')}>
            <Icon name="copy" /> Copy JSON
          </button>
        </>
      }
      onClose={onClose}
    >
      <p class="hint">
        Routing key <code>{record.routingKey}</code>
      </p>
      <RecordBody source={record.source} searchable />
    </SidePanel>
  );
}

/** Space pauses, Escape closes the panel. */
function useTailKeys(close: () => void): void {
  useEffect(() => {
    const pressed = (event: KeyboardEvent) => {
      const target = event.target as HTMLElement;
      if (/^(INPUT|TEXTAREA|SELECT|BUTTON|A)$/.test(target.tagName) || document.querySelector('dialog[open]'))
        return;
      if (event.key === ' ') {
        event.preventDefault();
        pauseTail(!tailPaused.peek());
      } else if (event.key === 'Escape') close();
    };
    document.addEventListener('keydown', pressed);
    return () => document.removeEventListener('keydown', pressed);
  }, [close]);
}

function Waiting({ wanted }: { wanted: string }): JSX.Element {
  const { bindingKey } = pageState.value;
  const problem = tailProblem.value;
  if (problem !== null) {
    return (
      <div class="empty" role="alert">
        <h2>There is no live tail now</h2>
        <p>{problem}</p>
        <p class="hint">This page tries again every few seconds.</p>
      </div>
    );
  }
  return (
    <div class="empty">
      <h2>{wanted === '' ? 'Waiting for records' : `No line with “${wanted}” yet`}</h2>
      <p>
        Records published with a routing key that matches <code>{bindingKey}</code> appear here at once.
      </p>
      {bindingKey !== 'app.#' && (
        <button type="button" onClick={() => navigate({ bindingKey: 'app.#' })}>
          Tail everything
        </button>
      )}
    </div>
  );
}

/** The view. */
export function TailView(): JSX.Element {
  const { bindingKey } = pageState.value;
  const [wanted, setWanted] = useState('');
  const [opened, setOpened] = useState<TailRecord | null>(null);
  const follow = useSignal(true);
  const rowHeight = useRowHeight();
  const close = useCallback(() => setOpened(null), []);
  useTailKeys(close);
  useEffect(() => startTail(bindingKey), [bindingKey]);
  const lower = wanted.toLowerCase();
  const all = tailRecords.value;
  const shown =
    lower === '' ? all : all.filter((each) => JSON.stringify(each.source).toLowerCase().includes(lower));
  const open = (position: number) => {
    // What is being read must not run away.
    follow.value = false;
    setOpened(shown[position] ?? null);
  };
  return (
    <main class="view">
      <TailBar wanted={wanted} onWanted={setWanted} />
      <TailLine shown={shown.length} wanted={wanted} />
      <div class="below">
        {shown.length === 0 ? (
          <Waiting wanted={wanted} />
        ) : (
          <div class="list-place columns-0">
            <VirtualList
              label="Live records"
              name="tail"
              rowCount={shown.length}
              rowHeight={rowHeight}
              active={-1}
              follow={follow.value && !tailPaused.value}
              row={(position) => (
                <RecordRow
                  key={shown[position]?.id}
                  name="tail"
                  position={position}
                  record={shown[position]}
                  columns={[]}
                  withDay={false}
                  words={wanted === '' ? [] : [wanted]}
                  active={shown[position] === opened}
                  open={shown[position] === opened}
                  onOpen={open}
                />
              )}
              onActive={open}
              onOpen={open}
              onEnd={(atEnd) => {
                follow.value = atEnd;
              }}
            />
            {!follow.value && (
              <button
                type="button"
                class="main to-end"
                onClick={() => {
                  follow.value = true;
                }}
              >
                <Icon name="down" /> To the newest
              </button>
            )}
          </div>
        )}
        {opened && <TailPanel record={opened} onClose={close} />}
      </div>
    </main>
  );
}
