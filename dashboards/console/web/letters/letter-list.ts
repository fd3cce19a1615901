/** The dead letters that were read, those ticked, and what is done with them. */
import { signal } from '@preact/signals';
import type { LetterList, ReplayOutcome } from '../../model/api.js';
import { askHealth, health } from '../shell/health.js';
import { tell } from '../shell/notice.js';
import { change, type RequestError, read, requestError } from '../state/api.js';
import { navigate, pageState } from '../state/page-state.js';

/** A letter that fails again is back after about this time. */
const BACK_AFTER_MS = 2500;

export const letterList = signal<LetterList | null>(null);
export const letterProblem = signal<RequestError | null>(null);
export const lettersReading = signal(false);
export const ticked = signal<ReadonlySet<string>>(new Set());
export const replaying = signal(false);

/** Reads the queue. */
export async function readLetters(): Promise<void> {
  lettersReading.value = true;
  try {
    const list = await read<LetterList>('dead-letters');
    const ids = new Set(list.letters.map((letter) => letter.id));
    letterList.value = list;
    const known = health.peek();
    if (known) health.value = { ...known, broker: { ...known.broker, dead: list.total } };
    ticked.value = new Set([...ticked.peek()].filter((id) => ids.has(id)));
    letterProblem.value = null;
  } catch (error) {
    letterProblem.value = requestError(error);
  } finally {
    lettersReading.value = false;
  }
}

/** Ticks these letters, or unticks them. */
export function tick(ids: readonly string[], on: boolean): void {
  const next = new Set(ticked.peek());
  for (const id of ids) {
    if (on) next.add(id);
    else next.delete(id);
  }
  ticked.value = next;
}

/** What a replay did, in words. */
function outcomeText({ replayed, notFound, failed, failure, left }: ReplayOutcome): string {
  const missing = notFound.length > 0 ? ` ${notFound.length} no longer there.` : '';
  const stayed = failed > 0 ? ` ${failed} could not be sent (${failure}).` : '';
  return `${replayed} ${replayed === 1 ? 'letter' : 'letters'} replayed, ${left} left.${missing}${stayed}`;
}

/** Replays, tells what came of it, and reads the queue again: now, and when what failed again is back. */
export async function replay(which: { ids: string[] } | { all: true }): Promise<void> {
  replaying.value = true;
  try {
    const outcome = await change<ReplayOutcome>('dead-letters/replay', which);
    tell(outcomeText(outcome), outcome.failed > 0);
    const open = pageState.peek().letter;
    if (open !== null && ('all' in which || which.ids.includes(open))) navigate({ letter: null }, 'replace');
    await readLetters();
    setTimeout(() => {
      void readLetters();
      void askHealth();
    }, BACK_AFTER_MS);
  } catch (error) {
    tell(`Not replayed: ${requestError(error).message}`, true);
  } finally {
    replaying.value = false;
  }
}

/** Sets `ignore_malformed` on the field that a letter was refused for. */
export async function acceptMalformed(id: string): Promise<boolean> {
  try {
    const { field, indices } = await change<{ field: string; indices: string[] }>(
      `dead-letters/${encodeURIComponent(id)}/accept-malformed`,
    );
    tell(`${field} now accepts such values in ${indices.join(', ')}. Replay the letter.`);
    return true;
  } catch (error) {
    tell(`Not changed: ${requestError(error).message}`, true);
    return false;
  }
}
