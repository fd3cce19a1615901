/** How many records there were and when, by level. Drag over it to look at a part alone. */
import type { JSX, RefObject } from 'preact';
import { useLayoutEffect, useMemo, useRef, useState } from 'preact/hooks';
import type { LogSummary } from '../../model/api.js';
import { levelKind } from '../../model/level.js';
import { localTime } from '../../model/time-range.js';
import { navigate } from '../state/page-state.js';
import { type Bar, bars, ticks, timeToX } from './bars.js';

const HEIGHT = 76;
const AXIS_HEIGHT = 18;
const LEFT = 44;

/** A drag shorter than this is a click. */
const DRAG_PIXELS_MIN = 4;

interface Drag {
  from: number;
  to: number;
}

function useWidth(element: RefObject<HTMLElement>): number {
  const [width, setWidth] = useState(800);
  useLayoutEffect(() => {
    if (!element.current) return undefined;
    const observer = new ResizeObserver(([entry]) =>
      setWidth(Math.max(120, entry?.contentRect.width ?? 800)),
    );
    observer.observe(element.current);
    return () => observer.disconnect();
  }, [element]);
  return width;
}

function describe(summary: LogSummary): string {
  const levels = summary.series.map((each) => `${each.count.toLocaleString()} ${each.level}`).join(', ');
  return `Histogram from ${localTime(summary.from)} to ${localTime(summary.to)}: ${
    levels === '' ? 'no records' : levels
  }`;
}

function Tooltip({ bar, summary, width }: { bar: Bar; summary: LogSummary; width: number }): JSX.Element {
  const left = Math.min(Math.max(0, LEFT + bar.x + bar.width / 2 - 95), width - 190);
  const end = Math.min(bar.start + summary.intervalMs, summary.to);
  return (
    <div class="tooltip" style={{ left: `${left}px` }} aria-hidden="true">
      <strong>{localTime(Math.max(bar.start, summary.from))}</strong>
      <small>to {localTime(end)}</small>
      {bar.counts.map((each) => (
        <div key={each.level} class={`tooltip-line level-${each.kind}`}>
          <span class="swatch" /> {each.level} <b>{each.count.toLocaleString()}</b>
        </div>
      ))}
    </div>
  );
}

function Bars({ drawn, shown }: { drawn: Bar[]; shown: Bar | null }): JSX.Element {
  return (
    <g>
      {drawn.map((bar) => (
        <g key={bar.start} class={bar === shown ? 'bar-shown' : undefined}>
          {bar.blocks.map((block) => (
            <rect
              key={`${block.kind}${block.y}`}
              class={`block level-${block.kind}`}
              x={bar.x}
              width={bar.width}
              y={block.y}
              height={block.height}
            />
          ))}
        </g>
      ))}
    </g>
  );
}

/** Dragging over the bars: zooms on release, a click zooms into one bar. */
function useDrag(summary: LogSummary, width: number, drawn: Bar[]) {
  const [drag, setDrag] = useState<Drag | null>(null);
  const [hover, setHover] = useState<number | null>(null);
  const place = (event: PointerEvent) => {
    const box = (event.currentTarget as Element).getBoundingClientRect();
    return Math.min(width, Math.max(0, event.clientX - box.left - LEFT));
  };
  const toTime = (x: number) => summary.from + (x / width) * (summary.to - summary.from);
  const barAt = (x: number) => {
    const time = toTime(x);
    return drawn.find((bar) => bar.start <= time && time < bar.start + summary.intervalMs) ?? null;
  };
  const zoom = (from: number, to: number) =>
    navigate({ range: { from: String(Math.floor(from)), to: String(Math.ceil(to)) } });
  return {
    drag,
    shown: hover === null || drag ? null : barAt(hover),
    down(event: PointerEvent) {
      if (event.button !== 0) return;
      (event.currentTarget as Element).setPointerCapture(event.pointerId);
      setDrag({ from: place(event), to: place(event) });
    },
    move(event: PointerEvent) {
      const x = place(event);
      setHover(x);
      if (drag) setDrag({ from: drag.from, to: x });
    },
    up() {
      if (!drag) return;
      setDrag(null);
      const [left, right] = [Math.min(drag.from, drag.to), Math.max(drag.from, drag.to)];
      const clicked = right - left < DRAG_PIXELS_MIN ? barAt(left) : null;
      if (clicked && summary.intervalMs > 10) {
        zoom(Math.max(clicked.start, summary.from), Math.min(clicked.start + summary.intervalMs, summary.to));
      } else if (right - left >= DRAG_PIXELS_MIN)
        zoom(toTime(left), Math.max(toTime(left) + 1, toTime(right)));
    },
    leave() {
      setHover(null);
    },
    cancel() {
      setDrag(null);
    },
  };
}

/** The histogram of a summary. */
export function Histogram({ summary }: { summary: LogSummary }): JSX.Element {
  const element = useRef<HTMLDivElement>(null);
  const whole = useWidth(element);
  const width = whole - LEFT;
  const { bars: drawn, top } = useMemo(() => bars(summary, { width, height: HEIGHT }), [summary, width]);
  const marks = useMemo(() => ticks(summary, width), [summary, width]);
  const pointer = useDrag(summary, width, drawn);
  const { drag } = pointer;
  const now = Date.now();
  return (
    <div class="histogram" ref={element}>
      <svg
        role="img"
        aria-label={describe(summary)}
        width={whole}
        height={HEIGHT + AXIS_HEIGHT}
        onPointerDown={pointer.down}
        onPointerMove={pointer.move}
        onPointerUp={pointer.up}
        onPointerLeave={pointer.leave}
        onPointerCancel={pointer.cancel}
      >
        <g transform={`translate(${LEFT},0)`}>
          <line class="grid-line" x1={0} x2={width} y1={0.5} y2={0.5} />
          <line class="grid-line" x1={0} x2={width} y1={HEIGHT / 2} y2={HEIGHT / 2} />
          {now > summary.from && now < summary.to && (
            <line
              class="now-line"
              x1={timeToX(now, summary, width)}
              x2={timeToX(now, summary, width)}
              y1={0}
              y2={HEIGHT}
            />
          )}
          <Bars drawn={drawn} shown={pointer.shown} />
          <line class="axis-line" x1={0} x2={width} y1={HEIGHT + 0.5} y2={HEIGHT + 0.5} />
          {drag && (
            <rect
              class="drag"
              x={Math.min(drag.from, drag.to)}
              width={Math.abs(drag.to - drag.from)}
              y={0}
              height={HEIGHT}
            />
          )}
          {marks.map((mark) => (
            <text key={mark.x} class="tick" x={mark.x} y={HEIGHT + 14} text-anchor="middle">
              {mark.label}
            </text>
          ))}
        </g>
        <text class="tick" x={LEFT - 8} y={9} text-anchor="end">
          {shortNumber(top)}
        </text>
        {top >= 4 && (
          <text class="tick" x={LEFT - 8} y={HEIGHT / 2 + 4} text-anchor="end">
            {shortNumber(top / 2)}
          </text>
        )}
        <text class="tick" x={LEFT - 8} y={HEIGHT + 1} text-anchor="end">
          0
        </text>
      </svg>
      {pointer.shown && <Tooltip bar={pointer.shown} summary={summary} width={whole} />}
    </div>
  );
}

/** What each colour stands for. */
export function Legend({ summary }: { summary: LogSummary }): JSX.Element {
  return (
    <ul class="legend" aria-hidden="true">
      {summary.series.map((each) => (
        <li key={each.level} class={`level-${levelKind(each.level)}`}>
          <span class="swatch" /> {each.level} <b>{each.count.toLocaleString()}</b>
        </li>
      ))}
    </ul>
  );
}

function shortNumber(value: number): string {
  if (value >= 1_000_000) return `${value / 1_000_000}M`;
  return value >= 1000 ? `${value / 1000}k` : String(value);
}
