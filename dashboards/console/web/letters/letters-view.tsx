/** What the index refused: by cause, with what can be done, and replay. */
import type { JSX } from 'preact';
import { useEffect, useMemo } from 'preact/hooks';
import { letterGroups } from '../../model/letter-groups.js';
import { health } from '../shell/health.js';
import { Icon } from '../shell/icons.js';
import { pageState, searchAgain } from '../state/page-state.js';
import { ConfirmDialog, question } from './confirm-dialog.js';
import { Group } from './letter-groups-list.js';
import {
  letterList,
  letterProblem,
  lettersReading,
  readLetters,
  replay,
  replaying,
  tick,
  ticked,
} from './letter-list.js';
import { LetterPanel } from './letter-panel.js';

/**
 * The queue is read again this often at most, and only when its length has changed: a visit takes every
 * letter out and puts it back, which is nothing to do without need.
 */
const READ_EVERY_MS = 15_000;

function askReplayAll(total: number): void {
  question.value = {
    title: `Replay all ${total.toLocaleString()} dead letters?`,
    text: 'Each is published again to the exchange it came from. Those whose cause is not mended will come back here, with their count of replays.',
    action: 'Replay all',
    onYes: () => void replay({ all: true }),
  };
}

function LettersBar(): JSX.Element {
  const list = letterList.value;
  const chosen = ticked.value.size;
  const busy = replaying.value;
  const total = list?.total ?? 0;
  return (
    <div class="toolbar letters-bar">
      <div>
        <h1>Dead letters</h1>
        <p class="hint" role="status" aria-live="polite" aria-label="Dead letters">
          {list === null
            ? letterProblem.value
              ? 'Not known'
              : 'Reading the queue…'
            : `${total.toLocaleString()} in the queue${
                list.letters.length < total
                  ? `, the oldest ${list.letters.length.toLocaleString()} shown`
                  : ''
              }`}
        </p>
      </div>
      <div class="toolbar-end">
        <button type="button" disabled={lettersReading.value} onClick={() => void readLetters()}>
          <Icon name="refresh" /> Read again
        </button>
        <button
          type="button"
          class={chosen > 0 ? 'main' : ''}
          disabled={chosen === 0 || busy}
          onClick={() => void replay({ ids: [...ticked.peek()] })}
        >
          <Icon name="replay" /> Replay selected{chosen > 0 ? ` (${chosen})` : ''}
        </button>
        <button type="button" disabled={total === 0 || busy} onClick={() => askReplayAll(total)}>
          <Icon name="replay" /> Replay all
        </button>
      </div>
    </div>
  );
}

function Problem(): JSX.Element {
  return (
    <div class="empty" role="alert">
      <Icon name="close" />
      <h2>The dead letters cannot be read</h2>
      <p>{letterProblem.value?.message}</p>
      <button type="button" onClick={() => void readLetters()}>
        <Icon name="refresh" /> Try again
      </button>
    </div>
  );
}

function None(): JSX.Element {
  return (
    <div class="empty empty-good">
      <h2>There are no dead letters</h2>
      <p>Every record that was published has been stored, or is on its way.</p>
    </div>
  );
}

/** j and k go through the letters, x ticks one. */
function useLetterKeys(): void {
  useEffect(() => {
    const pressed = (event: KeyboardEvent) => {
      if (event.ctrlKey || event.metaKey || event.altKey || document.querySelector('dialog[open]')) return;
      const target = event.target as HTMLElement;
      if (/^(TEXTAREA|SELECT)$/.test(target.tagName)) return;
      if (target instanceof HTMLInputElement && target.type !== 'checkbox') return;
      const buttons = [...document.querySelectorAll<HTMLElement>('[data-letter]')];
      const focused = buttons.findIndex((button) => button.matches(':focus'));
      const step = { j: 1, ArrowDown: 1, k: -1, ArrowUp: -1 }[event.key];
      if (step !== undefined && buttons.length > 0) {
        event.preventDefault();
        buttons[Math.max(0, Math.min(buttons.length - 1, focused + step))]?.focus();
      }
      const id = buttons[focused]?.dataset['letter'];
      if (event.key === 'x' && id !== undefined) tick([id], !ticked.peek().has(id));
    };
    document.addEventListener('keydown', pressed);
    return () => document.removeEventListener('keydown', pressed);
  }, []);
}

/** The view. */
export function LettersView(): JSX.Element {
  const again = searchAgain.value;
  useLetterKeys();
  // `r` reads the queue again.
  useEffect(() => {
    void readLetters();
    const timer = setInterval(() => {
      const dead = health.peek()?.broker.dead ?? null;
      const changed =
        letterProblem.peek() !== null || (dead !== null && dead !== (letterList.peek()?.total ?? 0));
      if (changed && !document.hidden && !replaying.peek() && !question.peek()) void readLetters();
    }, READ_EVERY_MS);
    return () => clearInterval(timer);
  }, [again]);
  const list = letterList.value;
  const groups = useMemo(() => letterGroups(list?.letters ?? []), [list]);
  const { letter } = pageState.value;
  return (
    <main class="view" aria-busy={lettersReading.value}>
      <LettersBar />
      <div class={`progress ${replaying.value ? 'progress-on' : ''}`} role="presentation" />
      <div class="below">
        {letterProblem.value && list === null ? (
          <Problem />
        ) : (
          <div class="groups">
            {letterProblem.value && (
              <p class="problem-line" role="alert">
                {letterProblem.value.message}
              </p>
            )}
            {groups.map((group) => (
              <Group key={group.key} group={group} opened={groups.length <= 3} />
            ))}
            {list !== null && groups.length === 0 && <None />}
          </div>
        )}
        {letter !== null && <LetterPanel id={letter} />}
      </div>
      <ConfirmDialog />
    </main>
  );
}
