/** The dead letters by their cause; a group opens to its letters. */
import type { JSX } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import type { LetterRow } from '../../model/api.js';
import type { LetterGroup } from '../../model/letter-groups.js';
import { ago } from '../../model/time-range.js';
import { rowTime } from '../records/row-time.js';
import { Icon } from '../shell/icons.js';
import { navigate, pageState } from '../state/page-state.js';
import { tick, ticked } from './letter-list.js';

/** Letters of one group drawn at first. */
const SHOWN = 50;

function Tick(props: {
  label: string;
  state: 'none' | 'some' | 'all';
  onTick: (on: boolean) => void;
}): JSX.Element {
  const box = useRef<HTMLInputElement>(null);
  useEffect(() => {
    if (box.current) box.current.indeterminate = props.state === 'some';
  }, [props.state]);
  return (
    <input
      ref={box}
      type="checkbox"
      aria-label={props.label}
      checked={props.state === 'all'}
      onChange={(event) => props.onTick(event.currentTarget.checked)}
    />
  );
}

function agoText(time: string | null): string {
  const parsed = Date.parse(time ?? '');
  return Number.isNaN(parsed) ? '' : ago(parsed, Date.now());
}

function Letter({ letter }: { letter: LetterRow }): JSX.Element {
  const open = pageState.value.letter === letter.id;
  const on = ticked.value.has(letter.id);
  return (
    <li class={`letter ${open ? 'row-open' : ''}`}>
      <Tick
        label={`Select letter ${letter.message.slice(0, 60)}`}
        state={on ? 'all' : 'none'}
        onTick={(next) => tick([letter.id], next)}
      />
      <button
        type="button"
        class="letter-open"
        data-letter={letter.id}
        aria-current={open ? 'true' : undefined}
        onClick={() => navigate({ letter: letter.id }, pageState.peek().letter === null ? 'push' : 'replace')}
      >
        <span class="cell-time">{letter.failedAt === null ? '–' : rowTime(letter.failedAt, true)}</span>
        <span class="cell-service">{letter.service ?? letter.routingKey}</span>
        <span class="cell-message">{letter.message === '' ? '(no message)' : letter.message}</span>
        {letter.replays > 0 && (
          <span class="replays">
            {letter.replays === 1 ? 'replayed once' : `replayed ${letter.replays} times`}
          </span>
        )}
      </button>
    </li>
  );
}

function groupState(group: LetterGroup): 'none' | 'some' | 'all' {
  const on = group.letters.filter((letter) => ticked.value.has(letter.id)).length;
  return on === 0 ? 'none' : on === group.letters.length ? 'all' : 'some';
}

/** One group. */
export function Group({ group, opened }: { group: LetterGroup; opened: boolean }): JSX.Element {
  const [open, setOpen] = useState(opened);
  const [shown, setShown] = useState(SHOWN);
  const holdsOpen = group.letters.some((letter) => letter.id === pageState.value.letter);
  const expanded = open || holdsOpen;
  const number = group.letters.length;
  return (
    <section class="letter-group" aria-label={`${group.reason}: ${group.cause}`}>
      <div class="group-head">
        <Tick
          label={`Select all ${number} of ${group.reason}`}
          state={groupState(group)}
          onTick={(on) =>
            tick(
              group.letters.map((letter) => letter.id),
              on,
            )
          }
        />
        <button type="button" class="group-open" aria-expanded={expanded} onClick={() => setOpen(!expanded)}>
          <Icon name={expanded ? 'down' : 'right'} />
          <span class="reason">{group.reason}</span>
          <span class="group-cause">{group.cause}</span>
          <span class="group-count">{number.toLocaleString()}</span>
          <span class="group-facts">
            {group.services.slice(0, 4).join(', ')}
            {group.lastAt !== null && ` · last ${agoText(group.lastAt)}`}
          </span>
        </button>
      </div>
      {expanded && (
        <ul class="letters">
          {group.letters.slice(0, shown).map((letter) => (
            <Letter key={letter.id} letter={letter} />
          ))}
        </ul>
      )}
      {expanded && number > shown && (
        <button type="button" class="link" onClick={() => setShown(shown + 200)}>
          {number - shown} more
        </button>
      )}
    </section>
  );
}
