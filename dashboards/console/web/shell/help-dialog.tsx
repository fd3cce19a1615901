/** The keys and the query language, on one sheet. */
import { signal } from '@preact/signals';
import type { JSX } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { Icon } from './icons.js';

/** Whether the sheet is open. */
export const helpOpen = signal(false);

const KEYS: readonly [string[], string][] = [
  [['/'], 'Go to the query box'],
  [['Enter'], 'Search; in a list, open the record'],
  [['j', 'k'], 'Next, previous record (or the arrows)'],
  [['Esc'], 'Close what is open'],
  [['g', 'l'], 'Logs'],
  [['g', 't'], 'Live tail'],
  [['g', 'd'], 'Dead letters'],
  [['r'], 'Search again'],
  [['Space'], 'Pause the live tail, or go on'],
  [['x'], 'Tick a dead letter'],
  [['?'], 'This sheet'],
];

const SYNTAX: readonly [string, string][] = [
  ['timeout payment', 'both words, in any field'],
  ['"connection refused"', 'the phrase'],
  ['log.level:error', 'a field’s value'],
  ['service.name:(order OR payment)', 'one of several'],
  ['NOT service.name:search', 'all but these'],
  ['http.status:>=500', 'numbers; also [500 TO 599]'],
  ['error.type:Timeout*', 'a beginning'],
  ['_exists_:error.stack_trace', 'records that have the field'],
  ['url.path:/v[12].*/', 'a regular expression'],
];

/** The syntax alone, as it stands below the query box. */
export function SyntaxTable({ onPick }: { onPick?: (example: string) => void }): JSX.Element {
  return (
    <dl class="syntax">
      {SYNTAX.map(([example, meaning]) => (
        <div key={example}>
          <dt>
            {onPick ? (
              <button type="button" class="code" onClick={() => onPick(example)}>
                {example}
              </button>
            ) : (
              <code>{example}</code>
            )}
          </dt>
          <dd>{meaning}</dd>
        </div>
      ))}
    </dl>
  );
}

/** The sheet. */
export function HelpDialog(): JSX.Element {
  const dialog = useRef<HTMLDialogElement>(null);
  const open = helpOpen.value;
  useEffect(() => {
    if (open && !dialog.current?.open) dialog.current?.showModal();
    if (!open) dialog.current?.close();
  }, [open]);
  const close = () => {
    helpOpen.value = false;
  };
  return (
    <dialog ref={dialog} class="help" aria-labelledby="help-title" onClose={close}>
      <header>
        <h2 id="help-title">Keys and query language</h2>
        <button type="button" class="quiet icon-only" aria-label="Close help" onClick={close}>
          <Icon name="close" />
        </button>
      </header>
      <div class="help-columns">
        <section>
          <h3>Keys</h3>
          <dl class="keys">
            {KEYS.map(([keys, meaning]) => (
              <div key={meaning}>
                <dt>
                  {keys.map((key) => (
                    <kbd key={key}>{key}</kbd>
                  ))}
                </dt>
                <dd>{meaning}</dd>
              </div>
            ))}
          </dl>
        </section>
        <section>
          <h3>Query language</h3>
          <SyntaxTable />
          <p class="hint">Words side by side must all match. AND, OR and NOT are in capitals.</p>
        </section>
      </div>
    </dialog>
  );
}
