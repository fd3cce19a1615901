/** The keys that work everywhere on the page, unless the user is typing. */
import { useEffect } from 'preact/hooks';
import { navigate, pageState, searchOnceMore } from '../state/page-state.js';
import { helpOpen } from './help-dialog.js';

/** The second key of `g` must follow within this time. */
const SECOND_KEY_MS = 1200;

function isTyping(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName);
}

function goTo(key: string): void {
  if (key === 'l') navigate({ view: 'logs' });
  if (key === 't') navigate({ view: 'tail', record: null });
  if (key === 'd') navigate({ view: 'letters', record: null });
}

function act(key: string): boolean {
  switch (key) {
    case '/':
      document.querySelector<HTMLElement>('[data-main-input]')?.focus();
      return true;
    case '?':
      helpOpen.value = true;
      return true;
    case 'r':
      searchOnceMore();
      return true;
    case 'j':
    case 'k': {
      const grid = document.querySelector<HTMLElement>('main [role="grid"]');
      grid?.focus();
      grid?.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true }));
      return true;
    }
    case 'Escape':
      if (!pageState.peek().record && !pageState.peek().letter) return false;
      navigate({ record: null, letter: null });
      document.querySelector<HTMLElement>('main [role="grid"]')?.focus();
      return true;
    default:
      return false;
  }
}

/** Listens while the page is there. */
export function useShortcuts(): void {
  useEffect(() => {
    let goAt = 0;
    const pressed = (event: KeyboardEvent) => {
      if (!event.isTrusted || event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey)
        return;
      if (isTyping(event.target) || document.querySelector('dialog[open]')) return;
      if (event.timeStamp - goAt < SECOND_KEY_MS && goAt > 0) {
        goAt = 0;
        goTo(event.key);
      } else if (event.key === 'g') goAt = event.timeStamp;
      else if (act(event.key)) event.preventDefault();
    };
    document.addEventListener('keydown', pressed);
    return () => document.removeEventListener('keydown', pressed);
  }, []);
}
