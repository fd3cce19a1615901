/** Dark, light, or as the system is; remembered by this browser. */
import { effect, signal } from '@preact/signals';

/** What the user chose. */
export type Theme = 'system' | 'light' | 'dark';

const THEMES: readonly Theme[] = ['system', 'light', 'dark'];
const KEPT_AS = 'warren.theme';

function kept(): Theme {
  try {
    const value = localStorage.getItem(KEPT_AS);
    return THEMES.find((theme) => theme === value) ?? 'system';
  } catch {
    return 'system';
  }
}

export const theme = signal<Theme>(kept());

effect(() => {
  const chosen = theme.value;
  if (chosen === 'system') delete document.documentElement.dataset['theme'];
  else document.documentElement.dataset['theme'] = chosen;
  try {
    localStorage.setItem(KEPT_AS, chosen);
  } catch {
    // Storage may be off: the choice then lasts as long as the page.
  }
});

/** Goes on to the next of the three. */
export function nextTheme(): void {
  theme.value = THEMES[(THEMES.indexOf(theme.value) + 1) % THEMES.length] ?? 'system';
}
