/** The page's state, which is the address bar's: one signal, changed by one function. */
import { computed, signal } from '@preact/signals';
import { type PageState, readAddress, writeAddress } from '../../model/address.js';

/** What is shown. */
export const pageState = signal<PageState>(readAddress(location.search));

/** Counts up when the user asks to search again. */
export const searchAgain = signal(0);

/** The view alone. */
export const view = computed(() => pageState.value.view);

/**
 * Changes what is shown, and the address with it.
 *
 * @param change the parts that change
 * @param step `push` makes the browser's Back button return here; `replace` does not
 */
export function navigate(change: Partial<PageState>, step: 'push' | 'replace' = 'push'): void {
  const next = { ...pageState.peek(), ...change };
  const address = location.pathname + writeAddress(next);
  if (address !== location.pathname + location.search) {
    if (step === 'push') history.pushState(null, '', address);
    else history.replaceState(null, '', address);
  }
  pageState.value = next;
}

/** Runs the present search once more. */
export function searchOnceMore(): void {
  searchAgain.value++;
}

window.addEventListener('popstate', () => {
  pageState.value = readAddress(location.search);
});
