/** A short word on what was just done; read aloud by screen readers. */
import { signal } from '@preact/signals';
import type { JSX } from 'preact';
import { Icon } from './icons.js';

const SHOWN_MS = 8000;

interface Told {
  text: string;
  bad: boolean;
}

const told = signal<Told | null>(null);
let timer: ReturnType<typeof setTimeout> | undefined;

/** Tells something; a bad thing stays until it is closed. */
export function tell(text: string, bad = false): void {
  clearTimeout(timer);
  told.value = { text, bad };
  if (!bad) timer = setTimeout(hush, SHOWN_MS);
}

function hush(): void {
  told.value = null;
}

/** Copies text and says so. */
export async function copyText(text: string, what: string): Promise<void> {
  try {
    await navigator.clipboard.writeText(text);
    tell(`${what} copied.`);
  } catch {
    tell('The browser does not allow copying here: mark the text and copy it by hand.', true);
  }
}

/** Where it is shown. */
export function Notice(): JSX.Element {
  const shown = told.value;
  return (
    <div class="notice-place" role="status" aria-live="polite" aria-label="Notice">
      {shown && (
        <div class={`notice ${shown.bad ? 'notice-bad' : ''}`}>
          <span>{shown.text}</span>
          <button type="button" class="quiet icon-only" aria-label="Close notice" onClick={hush}>
            <Icon name="close" />
          </button>
        </div>
      )}
    </div>
  );
}
