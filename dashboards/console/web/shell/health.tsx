/** The two dots that tell whether the log store and the broker answer, and what they say of themselves. */
import { signal } from '@preact/signals';
import type { JSX } from 'preact';
import { useCallback, useEffect, useRef, useState } from 'preact/hooks';
import type { ConsoleHealth, EngineHealth } from '../../model/api.js';
import { read } from '../state/api.js';
import { useDismiss } from './dismiss.js';

const ASKED_EVERY_MS = 10_000;

/** What was heard last; null while nothing was. */
export const health = signal<ConsoleHealth | null>(null);

/** Asks now. */
export async function askHealth(): Promise<void> {
  health.value = await read<ConsoleHealth>('health').catch(() => null);
}

function Engine({ name, engine, more }: { name: string; engine: EngineHealth; more: string[] }): JSX.Element {
  return (
    <section class="engine">
      <h3>
        <Dot up={engine.up} /> {name} <small>{engine.up ? 'answers' : 'does not answer'}</small>
      </h3>
      <dl>
        <dt>Address</dt>
        <dd>{engine.url}</dd>
        {engine.version !== null && <dt>Version</dt>}
        {engine.version !== null && <dd>{engine.version}</dd>}
      </dl>
      {more.map((line) => (
        <p key={line}>{line}</p>
      ))}
      {engine.problem !== null && <p class="problem-text">{engine.problem}</p>}
    </section>
  );
}

function Dot({ up }: { up: boolean | undefined }): JSX.Element {
  return (
    <span class={`dot ${up === undefined ? 'dot-unknown' : up ? 'dot-up' : 'dot-down'}`} aria-hidden="true" />
  );
}

function word(up: boolean | undefined): string {
  return up === undefined ? 'not known' : up ? 'up' : 'down';
}

function count(number: number | null, noun: string): string[] {
  return number === null ? [] : [`${number.toLocaleString()} ${noun}`];
}

/** The dots, and the panel they open. */
export function Health(): JSX.Element {
  const [open, setOpen] = useState(false);
  const element = useRef<HTMLDivElement>(null);
  const close = useCallback(() => setOpen(false), []);
  useDismiss(element, open, close);
  useEffect(() => {
    void askHealth();
    const timer = setInterval(() => {
      if (!document.hidden) void askHealth();
    }, ASKED_EVERY_MS);
    return () => clearInterval(timer);
  }, []);
  const heard = health.value;
  return (
    <div class="popover-place" ref={element}>
      <button
        type="button"
        class="quiet health"
        aria-expanded={open}
        aria-label={`Health: store ${word(heard?.store.up)}, broker ${word(heard?.broker.up)}`}
        onClick={() => setOpen(!open)}
      >
        <Dot up={heard?.store.up} /> <span class="wide-only">Store</span>
        <Dot up={heard?.broker.up} /> <span class="wide-only">Broker</span>
      </button>
      {open && heard && (
        <div class="popover popover-right health-panel">
          <Engine
            name="Log store"
            engine={heard.store}
            more={[
              `Searched: ${heard.index}`,
              ...(heard.store.status ? [`Cluster state: ${heard.store.status}`] : []),
            ]}
          />
          <Engine
            name="Broker"
            engine={heard.broker}
            more={[
              ...count(heard.broker.ready, 'waiting to be indexed'),
              ...count(heard.broker.dead, 'dead letters'),
            ]}
          />
        </div>
      )}
      {open && !heard && (
        <div class="popover popover-right health-panel">The console’s server does not answer.</div>
      )}
    </div>
  );
}
