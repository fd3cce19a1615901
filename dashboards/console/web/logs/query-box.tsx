/** Where the query is typed: completion, help, and what is wrong with it. */
import type { JSX, RefObject } from 'preact';
import { useCallback, useEffect, useRef, useState } from 'preact/hooks';
import type { CompletionPlace } from '../../model/query-clause.js';
import { useDismiss } from '../shell/dismiss.js';
import { SyntaxTable } from '../shell/help-dialog.js';
import { Icon } from '../shell/icons.js';
import { navigate, pageState, searchOnceMore } from '../state/page-state.js';
import { searchProblem } from '../state/search-results.js';
import { type Suggestion, suggestions } from './completion.js';

/** Suggestions are asked for when typing rests this long. */
const REST_MS = 80;

interface Completion {
  place: CompletionPlace;
  found: Suggestion[];
  chosen: number;
}

interface Box {
  text: string;
  setText: (text: string) => void;
  completion: Completion | null;
  setCompletion: (completion: Completion | null) => void;
  complete: (suggestion: Suggestion) => void;
  typed: (text: string, caret: number) => void;
}

/** The text and its completion. */
function useBox(input: RefObject<HTMLInputElement>): Box {
  const { query } = pageState.value;
  const [text, setText] = useState(query);
  const [completion, setCompletion] = useState<Completion | null>(null);
  const asking = useRef({ timer: 0, abort: new AbortController() });
  useEffect(() => setText(query), [query]);
  const ask = useCallback((value: string, caret: number) => {
    clearTimeout(asking.current.timer);
    asking.current.abort.abort();
    const abort = new AbortController();
    asking.current.abort = abort;
    asking.current.timer = window.setTimeout(() => {
      suggestions(value, caret, abort.signal).then(
        (reply) => {
          if (abort.signal.aborted) return;
          setCompletion(reply && reply.found.length > 0 ? { ...reply, chosen: -1 } : null);
        },
        () => setCompletion(null),
      );
    }, REST_MS);
  }, []);
  const typed = (value: string, caret: number) => {
    setText(value);
    ask(value, caret);
  };
  const complete = (suggestion: Suggestion) => {
    if (!completion) return;
    const { place } = completion;
    const end = place.start + place.typed.length;
    const next = text.slice(0, place.start) + suggestion.text + text.slice(end).replace(/^ /, '');
    const caret = place.start + suggestion.text.length;
    setCompletion(null);
    typed(next, caret);
    requestAnimationFrame(() => {
      input.current?.focus();
      input.current?.setSelectionRange(caret, caret);
    });
  };
  const closeNow = (value: Completion | null) => {
    if (value === null) {
      clearTimeout(asking.current.timer);
      asking.current.abort.abort();
    }
    setCompletion(value);
  };
  return { text, setText, completion, setCompletion: closeNow, complete, typed };
}

/** Keys while suggestions are shown; true when the key was one of theirs. */
function completionKey(event: KeyboardEvent, box: Box): boolean {
  const { completion } = box;
  if (!completion) return false;
  const { found, chosen } = completion;
  const move = (by: number) => {
    const next = chosen < 0 ? (by > 0 ? 0 : found.length - 1) : (chosen + by + found.length) % found.length;
    box.setCompletion({ ...completion, chosen: next });
  };
  const suggestion = found[Math.max(0, chosen)];
  if (event.key === 'ArrowDown') move(1);
  else if (event.key === 'ArrowUp') move(-1);
  else if (event.key === 'Escape') box.setCompletion(null);
  else if (event.key === 'Tab' && !event.shiftKey && suggestion) box.complete(suggestion);
  else if (event.key === 'Enter' && chosen >= 0 && suggestion) box.complete(suggestion);
  else return false;
  return true;
}

function Suggestions({ box }: { box: Box }): JSX.Element | null {
  const { completion } = box;
  if (!completion) return null;
  return (
    <div class="popover suggestions" id="suggestions" role="listbox" aria-label="Suggestions">
      {completion.found.map((each, position) => (
        <div
          key={each.label}
          id={`suggestion-${position}`}
          role="option"
          tabIndex={-1}
          aria-selected={position === completion.chosen}
          onPointerDown={(event) => {
            event.preventDefault();
            box.complete(each);
          }}
        >
          <span>{each.label}</span>
          <small>{each.detail}</small>
        </div>
      ))}
      <p class="hint">
        <kbd>Tab</kbd> takes the first, <kbd>↓</kbd> chooses, <kbd>Enter</kbd> searches
      </p>
    </div>
  );
}

function SyntaxHelp({ onPick }: { onPick: (example: string) => void }): JSX.Element {
  const [open, setOpen] = useState(false);
  const element = useRef<HTMLDivElement>(null);
  const close = useCallback(() => setOpen(false), []);
  useDismiss(element, open, close);
  return (
    <div class="popover-place query-help" ref={element}>
      <button
        type="button"
        class="quiet icon-only"
        aria-label="Query syntax"
        title="Query syntax"
        aria-expanded={open}
        onClick={() => setOpen(!open)}
      >
        <Icon name="help" />
      </button>
      {open && (
        <div class="popover popover-right syntax-panel">
          <h3>Query syntax</h3>
          <SyntaxTable
            onPick={(example) => {
              close();
              onPick(example);
            }}
          />
          <p class="hint">Words side by side must all match. AND, OR and NOT are in capitals.</p>
        </div>
      )}
    </div>
  );
}

/** The box. */
export function QueryBox(): JSX.Element {
  const input = useRef<HTMLInputElement>(null);
  const box = useBox(input);
  const problem = searchProblem.value?.code === 'ERR_WARREN_QUERY' ? searchProblem.value : null;
  const submit = (text: string) => {
    box.setCompletion(null);
    if (text === pageState.peek().query) searchOnceMore();
    else navigate({ query: text, record: null });
  };
  const pressed = (event: KeyboardEvent) => {
    if (completionKey(event, box)) event.preventDefault();
    else if (event.key === 'Enter') submit(box.text);
    else if (event.key === 'Escape') input.current?.blur();
  };
  const { completion } = box;
  return (
    <search class="query">
      <div class={`query-box ${problem ? 'query-wrong' : ''}`}>
        <Icon name="search" />
        <input
          ref={input}
          data-main-input
          type="text"
          role="combobox"
          aria-label="Query"
          aria-expanded={completion !== null}
          aria-controls="suggestions"
          aria-autocomplete="list"
          aria-activedescendant={
            completion && completion.chosen >= 0 ? `suggestion-${completion.chosen}` : undefined
          }
          aria-invalid={problem !== null}
          aria-describedby={problem ? 'query-problem' : undefined}
          autocomplete="off"
          autocapitalize="off"
          spellcheck={false}
          placeholder='Search, for example log.level:error AND "connection refused"'
          value={box.text}
          onInput={(event) => box.typed(event.currentTarget.value, event.currentTarget.selectionStart ?? 0)}
          onKeyDown={pressed}
          onBlur={() => box.setCompletion(null)}
        />
        {box.text !== '' && (
          <button
            type="button"
            class="quiet icon-only"
            aria-label="Clear query"
            title="Clear"
            onClick={() => submit('')}
          >
            <Icon name="close" />
          </button>
        )}
        <SyntaxHelp onPick={(example) => submit(example)} />
        <Suggestions box={box} />
      </div>
      {problem && (
        <p id="query-problem" class="problem-line" role="alert">
          {problem.message}
        </p>
      )}
    </search>
  );
}
