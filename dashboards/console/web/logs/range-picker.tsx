/** Chooses the time range: quick ones, typed ones, a step earlier or later, wider. */
import type { JSX } from 'preact';
import { useCallback, useEffect, useRef, useState } from 'preact/hooks';
import {
  isMoving,
  localTime,
  QUICK_RANGES,
  rangeLabel,
  resolveRange,
  resolveTime,
  type TimeRange,
} from '../../model/time-range.js';
import { useDismiss } from '../shell/dismiss.js';
import { Icon } from '../shell/icons.js';
import { navigate, pageState } from '../state/page-state.js';

/** Moves or widens the present range; `by` is in its own widths, `widen` is a factor. */
function shifted(range: TimeRange, by: number, widen = 1): TimeRange | null {
  const now = Date.now();
  const resolved = resolveRange(range, now);
  if (!resolved) return null;
  const width = resolved.to - resolved.from;
  const middle = (resolved.from + resolved.to) / 2 + by * width;
  const [from, to] = [middle - (width * widen) / 2, middle + (width * widen) / 2];
  if (to >= now && isMoving(range)) return { from: `now-${Math.ceil((width * widen) / 1000)}s`, to: 'now' };
  return { from: String(Math.round(from)), to: String(Math.round(to)) };
}

function asTyped(text: string): string {
  return /^\d{11,14}$/.test(text) ? localTime(Number(text)) : text;
}

/** What is typed becomes epoch ms where it is absolute, so that a link means the same in every zone. */
function asKept(text: string): string {
  const trimmed = text.trim();
  return trimmed.startsWith('now') ? trimmed : String(resolveTime(trimmed, Date.now()) ?? trimmed);
}

function Typed({ range, onApply }: { range: TimeRange; onApply: (range: TimeRange) => void }): JSX.Element {
  const [from, setFrom] = useState(asTyped(range.from));
  const [to, setTo] = useState(asTyped(range.to));
  const [wrong, setWrong] = useState('');
  const apply = (event: Event) => {
    event.preventDefault();
    const now = Date.now();
    if (resolveTime(from, now) === null || resolveTime(to, now) === null) {
      setWrong('Write now-15m, now, or 2026-03-01 14:00.');
    } else if (!resolveRange({ from, to }, now)) setWrong('“From” must be before “To”.');
    else onApply({ from: asKept(from), to: asKept(to) });
  };
  return (
    <form class="range-typed" onSubmit={apply}>
      <label>
        From
        <input
          type="text"
          value={from}
          spellcheck={false}
          onInput={(event) => setFrom(event.currentTarget.value)}
        />
      </label>
      <label>
        To
        <input
          type="text"
          value={to}
          spellcheck={false}
          onInput={(event) => setTo(event.currentTarget.value)}
        />
      </label>
      {wrong !== '' && (
        <p class="problem-text" role="alert">
          {wrong}
        </p>
      )}
      <button type="submit" class="main">
        Apply
      </button>
      <p class="hint">Local time. Relative: now-30s, now-15m, now-2h, now-7d.</p>
    </form>
  );
}

function Panel({ onChoose }: { onChoose: (range: TimeRange) => void }): JSX.Element {
  const { range } = pageState.value;
  return (
    <div class="popover popover-right range-panel" role="dialog" aria-label="Time range">
      <ul class="quick-ranges">
        {QUICK_RANGES.map((quick) => {
          const chosen = quick.range.from === range.from && quick.range.to === range.to;
          return (
            <li key={quick.label}>
              <button type="button" class="quiet" aria-pressed={chosen} onClick={() => onChoose(quick.range)}>
                {quick.label}
              </button>
            </li>
          );
        })}
      </ul>
      <Typed range={range} onApply={onChoose} />
    </div>
  );
}

/** The picker. */
export function RangePicker(): JSX.Element {
  const { range } = pageState.value;
  const [open, setOpen] = useState(false);
  const element = useRef<HTMLDivElement>(null);
  const close = useCallback(() => setOpen(false), []);
  useDismiss(element, open, close);
  useEffect(() => {
    if (open)
      element.current?.querySelector<HTMLElement>('[aria-pressed=true], .quick-ranges button')?.focus();
  }, [open]);
  const go = (next: TimeRange | null) => {
    if (next) navigate({ range: next });
  };
  return (
    <div class="popover-place joined" ref={element}>
      <button
        type="button"
        class="icon-only"
        aria-label="Earlier"
        title="Earlier"
        onClick={() => go(shifted(range, -1))}
      >
        <Icon name="left" />
      </button>
      <button
        type="button"
        class="range-button"
        aria-label={`Time range: ${rangeLabel(range)}`}
        aria-expanded={open}
        onClick={() => setOpen(!open)}
      >
        <Icon name="clock" /> <span>{rangeLabel(range)}</span>
      </button>
      <button
        type="button"
        class="icon-only step-later"
        aria-label="Later"
        title="Later"
        disabled={isMoving(range)}
        onClick={() => go(shifted(range, 1))}
      >
        <Icon name="right" />
      </button>
      <button
        type="button"
        class="icon-only step-wider"
        aria-label="Wider range"
        title="Twice as wide"
        onClick={() => go(shifted(range, 0, 2))}
      >
        <Icon name="zoomOut" />
      </button>
      {open && (
        <Panel
          onChoose={(next) => {
            close();
            go(next);
          }}
        />
      )}
    </div>
  );
}
