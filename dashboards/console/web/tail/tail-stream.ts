/**
 * The live tail's records: a fixed number of them, newest last, fed by Server-Sent Events.
 *
 * While paused what arrives is kept aside, as many as would be shown at most.
 */
import { signal } from '@preact/signals';
import type { TailRecord } from '../../model/api.js';
import { apiUrl } from '../state/api.js';

/** Records kept. */
const RECORDS_MAX = 2000;

/** The rate is that of this time. */
const RATE_MS = 5000;

/** How the stream is. */
export type TailState = 'connecting' | 'live' | 'lost' | 'refused';

export const tailRecords = signal<readonly TailRecord[]>([]);
export const tailState = signal<TailState>('connecting');
export const tailPaused = signal(false);
/** Records that came since the pause. */
export const tailHeld = signal(0);
/** Whether the broker left records out because this page was too slow. */
export const tailBehind = signal(false);
/** Records a second. */
export const tailRate = signal(0);
/** Why the stream was refused. */
export const tailProblem = signal<string | null>(null);

let held: TailRecord[] = [];
let arrivals: [number, number][] = [];
/** Numbers records across reconnections, where the server begins anew. */
let sequence = 0;

function take(batch: TailRecord[]): void {
  const numbered = batch.map((record) => ({ ...record, id: String(++sequence) }));
  arrivals.push([Date.now(), batch.length]);
  if (tailPaused.peek()) {
    held = [...held, ...numbered].slice(-RECORDS_MAX);
    tailHeld.value += numbered.length;
  } else {
    tailRecords.value = [...tailRecords.peek(), ...numbered].slice(-RECORDS_MAX);
  }
}

/** Holds the list still, or lets it go on with what came meanwhile. */
export function pauseTail(paused: boolean): void {
  tailPaused.value = paused;
  if (paused) return;
  tailRecords.value = [...tailRecords.peek(), ...held].slice(-RECORDS_MAX);
  held = [];
  tailHeld.value = 0;
}

/** Empties the list. */
export function clearTail(): void {
  tailRecords.value = [];
  held = [];
  tailHeld.value = 0;
  tailBehind.value = false;
}

/** An EventSource does not tell why it was refused: ask once more, plainly. */
async function askWhy(url: string): Promise<void> {
  const abort = new AbortController();
  try {
    const response = await fetch(url, { signal: abort.signal });
    if (response.ok) return;
    const body = (await response.json()) as { error?: { message?: string } };
    tailProblem.value = body.error?.message ?? null;
  } catch {
    tailProblem.value = 'The console’s server does not answer.';
  } finally {
    abort.abort();
  }
}

/** Tails a binding key until the function it returns is called. */
export function startTail(bindingKey: string): () => void {
  const url = apiUrl('tail', { key: bindingKey });
  let source: EventSource;
  let retry: ReturnType<typeof setTimeout> | undefined;
  const open = () => {
    source = new EventSource(url);
    source.addEventListener('ready', () => {
      tailState.value = 'live';
      tailProblem.value = null;
    });
    source.addEventListener('records', (event) => take(JSON.parse((event as MessageEvent<string>).data)));
    source.addEventListener('behind', () => {
      tailBehind.value = true;
    });
    source.addEventListener('error', () => {
      if (source.readyState !== EventSource.CLOSED) {
        tailState.value = 'lost';
        return;
      }
      tailState.value = 'refused';
      void askWhy(url);
      retry = setTimeout(open, 3000);
    });
  };
  tailState.value = 'connecting';
  tailProblem.value = null;
  open();
  const counting = setInterval(() => {
    const since = Date.now() - RATE_MS;
    arrivals = arrivals.filter(([at]) => at >= since);
    tailRate.value = arrivals.reduce((sum, [, count]) => sum + count, 0) / (RATE_MS / 1000);
  }, 1000);
  return () => {
    clearInterval(counting);
    clearTimeout(retry);
    source.close();
  };
}
