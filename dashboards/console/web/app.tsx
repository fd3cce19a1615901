/** The page: the bar at the top and one of three views below it. */
import type { JSX } from 'preact';
import { useEffect } from 'preact/hooks';
import type { View } from '../model/address.js';
import { LettersView } from './letters/letters-view.js';
import { LogsView } from './logs/logs-view.js';
import { Health, health } from './shell/health.js';
import { HelpDialog, helpOpen } from './shell/help-dialog.js';
import { Icon } from './shell/icons.js';
import { Notice } from './shell/notice.js';
import { useShortcuts } from './shell/shortcuts.js';
import { nextTheme, theme } from './shell/theme.js';
import { navigate, view } from './state/page-state.js';
import { TailView } from './tail/tail-view.js';

const VIEWS: readonly { view: View; label: string }[] = [
  { view: 'logs', label: 'Logs' },
  { view: 'tail', label: 'Live tail' },
  { view: 'letters', label: 'Dead letters' },
];

const THEME_LABELS = { system: 'as the system', light: 'light', dark: 'dark' } as const;
const THEME_ICONS = { system: 'system', light: 'sun', dark: 'moon' } as const;

function Tab({ of, label }: { of: View; label: string }): JSX.Element {
  const dead = of === 'letters' ? (health.value?.broker.dead ?? 0) : 0;
  const name = dead > 0 ? `${label} (${dead.toLocaleString()})` : label;
  return (
    <a
      href={of === 'logs' ? '/' : `/?view=${of}`}
      class="tab"
      aria-label={name}
      aria-current={view.value === of ? 'page' : undefined}
      onClick={(event) => {
        if (event.ctrlKey || event.metaKey || event.shiftKey || event.button !== 0) return;
        event.preventDefault();
        navigate({ view: of, record: null, letter: null });
      }}
    >
      {label}
      {dead > 0 && <span class="tab-count">{dead > 9999 ? '9999+' : dead}</span>}
    </a>
  );
}

function Bar(): JSX.Element {
  return (
    <header class="bar">
      <span class="brand">
        <img src="icon.svg" alt="" width="22" height="22" />
        <span class="wide-only">Warren</span>
      </span>
      <nav class="tabs" aria-label="Views">
        {VIEWS.map((each) => (
          <Tab key={each.view} of={each.view} label={each.label} />
        ))}
      </nav>
      <div class="bar-end">
        <Health />
        <button
          type="button"
          class="quiet icon-only"
          aria-label={`Colours: ${THEME_LABELS[theme.value]}. Change`}
          title={`Colours: ${THEME_LABELS[theme.value]}`}
          onClick={nextTheme}
        >
          <Icon name={THEME_ICONS[theme.value]} />
        </button>
        <button
          type="button"
          class="quiet icon-only"
          aria-label="Help: keys and query language"
          title="Keys and query language (?)"
          onClick={() => {
            helpOpen.value = true;
          }}
        >
          <Icon name="help" />
        </button>
      </div>
    </header>
  );
}

/** The whole page. */
export function App(): JSX.Element {
  useShortcuts();
  const shown = view.value;
  useEffect(() => {
    document.title = `${VIEWS.find((each) => each.view === shown)?.label ?? 'Logs'} · Warren`;
  }, [shown]);
  return (
    <>
      <Bar />
      {shown === 'logs' && <LogsView />}
      {shown === 'tail' && <TailView />}
      {shown === 'letters' && <LettersView />}
      <Notice />
      <HelpDialog />
    </>
  );
}
