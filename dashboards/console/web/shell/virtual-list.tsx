/**
 * A list of which only the visible rows are in the document, so that its length costs nothing.
 *
 * Responsible for scrolling, keys and the grid's roles. Not responsible for what a row looks like.
 */
import type { ComponentChildren, JSX, RefObject } from 'preact';
import { useCallback, useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';

/** Rows drawn above and below what is visible. */
const MARGIN_ROWS = 12;

/** Elements taller than this are cut by some browsers; about 600,000 rows. */
const HEIGHT_MAX = 16_000_000;

/** What a list is given. */
export interface VirtualListProps {
  label: string;
  /** Begins the ids of its rows. */
  name: string;
  rowCount: number;
  /** Rows in all, when they are known to be more than are here. */
  rowTotal?: number;
  rowHeight: number;
  /** Another one means another list: it is shown from its top. */
  of?: unknown;
  /** The row that the keys act on; -1 for none. */
  active: number;
  header?: ComponentChildren;
  /** Below the last row. */
  footer?: ComponentChildren;
  /** Scrolls to the end whenever rows are added. */
  follow?: boolean;
  row: (position: number) => JSX.Element;
  onActive: (position: number) => void;
  onOpen: (position: number) => void;
  onLook?: (first: number, last: number) => void;
  /** Told when the user scrolls to the end or away from it. */
  onEnd?: (atEnd: boolean) => void;
}

interface Viewport {
  top: number;
  height: number;
}

/** Where a key moves to; undefined for a key that does not move. */
function movedTo(key: string, active: number, rowCount: number, pageRows: number): number | undefined {
  const last = rowCount - 1;
  const clamp = (position: number) => Math.max(0, Math.min(last, position));
  if (rowCount === 0) return undefined;
  switch (key) {
    case 'j':
    case 'ArrowDown':
      return clamp(active + 1);
    case 'k':
    case 'ArrowUp':
      return clamp(active < 0 ? 0 : active - 1);
    case 'PageDown':
      return clamp(active + pageRows);
    case 'PageUp':
      return clamp(active - pageRows);
    case 'Home':
      return 0;
    case 'End':
      return last;
    default:
      return undefined;
  }
}

function useViewport(scroller: RefObject<HTMLDivElement>): [Viewport, (view: Viewport) => void] {
  const [view, setView] = useState<Viewport>({ top: 0, height: 600 });
  useLayoutEffect(() => {
    const element = scroller.current;
    if (!element) return undefined;
    const read = () => setView({ top: element.scrollTop, height: element.clientHeight });
    const observer = new ResizeObserver(read);
    observer.observe(element);
    read();
    return () => observer.disconnect();
  }, [scroller]);
  return [view, setView];
}

/** Keeps the active row in sight. */
function useActiveInSight(scroller: RefObject<HTMLDivElement>, props: VirtualListProps): void {
  const { active, rowHeight } = props;
  useEffect(() => {
    const element = scroller.current;
    if (!element || active < 0) return;
    const headHeight = element.querySelector('.list-head')?.clientHeight ?? 0;
    const top = active * rowHeight;
    const visible = element.clientHeight - headHeight;
    if (top < element.scrollTop) element.scrollTop = top;
    else if (top + rowHeight > element.scrollTop + visible) element.scrollTop = top + rowHeight - visible;
  }, [scroller, active, rowHeight]);
}

/** Draws the list. */
export function VirtualList(props: VirtualListProps): JSX.Element {
  const { rowCount, rowHeight, active, follow, of, onLook, onEnd } = props;
  const scroller = useRef<HTMLDivElement>(null);
  const [view, setView] = useViewport(scroller);
  // Before the active row is brought into sight, which may be further down.
  useLayoutEffect(() => {
    if (scroller.current && of !== undefined) scroller.current.scrollTop = 0;
  }, [of]);
  useActiveInSight(scroller, props);
  useLayoutEffect(() => {
    const element = scroller.current;
    if (element && follow) element.scrollTop = element.scrollHeight;
  });
  const height = Math.min(HEIGHT_MAX, rowCount * rowHeight);
  const pageRows = Math.max(1, Math.floor(view.height / rowHeight) - 1);
  const first = Math.max(0, Math.min(rowCount - 1, Math.floor(view.top / rowHeight) - MARGIN_ROWS));
  const last = Math.min(rowCount - 1, first + pageRows + 2 * MARGIN_ROWS + 2);
  useEffect(() => onLook?.(first, last), [first, last, rowCount, onLook]);

  const scrolled = useCallback(() => {
    const element = scroller.current;
    if (!element) return;
    setView({ top: element.scrollTop, height: element.clientHeight });
    onEnd?.(element.scrollTop + element.clientHeight >= element.scrollHeight - rowHeight);
  }, [setView, onEnd, rowHeight]);

  const pressed = (event: KeyboardEvent) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const target = movedTo(event.key, active, rowCount, pageRows);
    if (target !== undefined) {
      event.preventDefault();
      event.stopPropagation();
      props.onActive(target);
    } else if (event.key === 'Enter' && active >= 0) {
      event.preventDefault();
      props.onOpen(active);
    }
  };

  return (
    <div
      ref={scroller}
      class="list"
      role="grid"
      aria-label={props.label}
      aria-rowcount={props.rowTotal ?? rowCount}
      aria-readonly="true"
      aria-activedescendant={active >= 0 ? `${props.name}-${active}` : undefined}
      tabIndex={0}
      onScroll={scrolled}
      onKeyDown={pressed}
    >
      {props.header}
      <div class="list-space" role="presentation" style={{ height: `${height}px` }}>
        <div
          class="list-window"
          role="presentation"
          style={{ transform: `translateY(${first * rowHeight}px)` }}
        >
          {Array.from({ length: Math.max(0, last - first + 1) }, (_, offset) => props.row(first + offset))}
        </div>
      </div>
      {props.footer}
    </div>
  );
}
