/** The page's icons: drawn here, in the colour of the text, hidden from screen readers. */
import type { JSX } from 'preact';

const PATHS = {
  search: 'M7 12.5a5.5 5.5 0 1 0 0-11 5.5 5.5 0 0 0 0 11Zm4-1.5 3.5 3.5',
  close: 'm3.5 3.5 9 9m0-9-9 9',
  refresh: 'M13.5 8A5.5 5.5 0 1 1 11.6 3.8M13.5 2v3.2h-3.2',
  clock: 'M8 14.5a6.5 6.5 0 1 0 0-13 6.5 6.5 0 0 0 0 13ZM8 4.5V8l2.5 1.5',
  down: 'm4 6 4 4 4-4',
  right: 'm6 4 4 4-4 4',
  left: 'M10 4 6 8l4 4',
  up: 'm4 10 4-4 4 4',
  zoomOut: 'M7 12.5a5.5 5.5 0 1 0 0-11 5.5 5.5 0 0 0 0 11Zm4-1.5 3.5 3.5M4.5 7h5',
  only: 'M8 3.5v9M3.5 8h9',
  without: 'M3.5 8h9',
  column: 'M2.5 2.5h11v11h-11zM8 2.5v11',
  copy: 'M5.5 5.5v-3h8v8h-3M2.5 5.5h8v8h-8z',
  link: 'M6.5 9.5a2.5 2.5 0 0 0 3.5 0l2.5-2.5a2.5 2.5 0 0 0-3.5-3.5L8 4.5M9.5 6.5a2.5 2.5 0 0 0-3.5 0L3.5 9a2.5 2.5 0 0 0 3.5 3.5L8 11.5',
  pause: 'M5.5 3v10M10.5 3v10',
  play: 'M4.5 2.5v11l8.5-5.5z',
  replay: 'M2.5 8a5.5 5.5 0 1 0 1.9-4.2M2.5 2v3.2h3.2M8 5v3l2 1.5',
  help: 'M8 14.5a6.5 6.5 0 1 0 0-13 6.5 6.5 0 0 0 0 13ZM6.2 6.2a1.8 1.8 0 1 1 2.6 1.7c-.5.2-.8.6-.8 1.1M8 11.3v.2',
  sun: 'M8 11a3 3 0 1 0 0-6 3 3 0 0 0 0 6ZM8 1.5v1M8 13.5v1M1.5 8h1M13.5 8h1M3.4 3.4l.7.7M11.9 11.9l.7.7M3.4 12.6l.7-.7M11.9 4.1l.7-.7',
  moon: 'M13.5 9.5A6 6 0 0 1 6.5 2.5a6 6 0 1 0 7 7Z',
  system: 'M2 3h12v8H2zM6 14h4M8 11v3',
  trace: 'M2.5 3.5h6M5 8h6M7.5 12.5h6',
  filter: 'M2 3.5h12M4.5 8h7M6.5 12.5h3',
} as const;

/** An icon of the page. */
export type IconName = keyof typeof PATHS;

/** Draws one. */
export function Icon({ name }: { name: IconName }): JSX.Element {
  return (
    <svg class="icon" viewBox="0 0 16 16" aria-hidden="true" focusable="false">
      <path d={PATHS[name]} />
    </svg>
  );
}
