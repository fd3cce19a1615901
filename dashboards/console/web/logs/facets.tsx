/** Counts by level and by service, each a button that narrows the search down. */
import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import type { ValueCount } from '../../model/api.js';
import { bySeverity, levelKind } from '../../model/level.js';
import { hasClause, withClause, withoutClause } from '../../model/query-clause.js';
import { navigate, pageState } from '../state/page-state.js';
import { results } from '../state/search-results.js';

/** Values shown before “more”. */
const SHOWN = 12;

interface FacetProps {
  title: string;
  values: readonly ValueCount[];
  chosen: readonly string[];
  kindOf: (value: string) => string;
  onChange: (chosen: string[]) => void;
}

/** Chosen values stay in sight though nothing of theirs is found any more. */
function withChosen(values: readonly ValueCount[], chosen: readonly string[]): ValueCount[] {
  const missing = chosen.filter((value) => !values.some((each) => each.value === value));
  return [...values, ...missing.map((value) => ({ value, count: 0 }))];
}

function Facet({ title, values, chosen, kindOf, onChange }: FacetProps): JSX.Element {
  const [all, setAll] = useState(false);
  const listed = withChosen(values, chosen);
  const largest = Math.max(1, ...listed.map((each) => each.count));
  const toggle = (value: string) =>
    onChange(chosen.includes(value) ? chosen.filter((each) => each !== value) : [...chosen, value]);
  return (
    <section class="facet" aria-label={title}>
      <header>
        <h2>{title}</h2>
        {chosen.length > 0 && (
          <button type="button" class="link" onClick={() => onChange([])}>
            Clear
          </button>
        )}
      </header>
      <ul>
        {listed.slice(0, all ? undefined : SHOWN).map(({ value, count }) => (
          <li key={value}>
            <button
              type="button"
              class={`facet-value ${kindOf(value)}`}
              aria-pressed={chosen.includes(value)}
              aria-label={`${value}, ${count.toLocaleString()} records`}
              onClick={() => toggle(value)}
            >
              <span class="facet-fill" style={{ width: `${(count / largest) * 100}%` }} />
              <span class="swatch" />
              <span class="facet-name" title={value}>
                {value}
              </span>
              <span class="facet-count">{count.toLocaleString()}</span>
            </button>
          </li>
        ))}
      </ul>
      {listed.length > SHOWN && (
        <button type="button" class="link" onClick={() => setAll(!all)}>
          {all ? 'Fewer' : `${listed.length - SHOWN} more`}
        </button>
      )}
      {listed.length === 0 && <p class="hint">–</p>}
    </section>
  );
}

/** Types of errors are a field like others: their filter is written into the query. */
function withErrors(query: string, found: readonly ValueCount[], chosen: readonly string[]): string {
  return found.reduce(
    (text, { value }) =>
      chosen.includes(value)
        ? withClause(text, 'error.type', value, false)
        : withoutClause(text, 'error.type', value),
    query,
  );
}

/** The side of the page. */
export function Facets(): JSX.Element {
  const summary = results.value?.summary;
  const { levels, services, query } = pageState.value;
  const found = summary?.errors ?? [];
  const sorted = [...(summary?.levels ?? [])].sort((a, b) => bySeverity(a.value, b.value));
  return (
    <aside class="facets" aria-label="Filters">
      <Facet
        title="Level"
        values={sorted}
        chosen={levels}
        kindOf={(value) => `level-${levelKind(value)}`}
        onChange={(chosen) => navigate({ levels: chosen, record: null })}
      />
      <Facet
        title="Service"
        values={summary?.services ?? []}
        chosen={services}
        kindOf={() => 'facet-plain'}
        onChange={(chosen) => navigate({ services: chosen, record: null })}
      />
      {found.length > 0 && (
        <Facet
          title="Error"
          values={found}
          chosen={found.map(({ value }) => value).filter((value) => hasClause(query, 'error.type', value))}
          kindOf={() => 'facet-plain level-error'}
          onChange={(chosen) => navigate({ query: withErrors(query, found, chosen), record: null })}
        />
      )}
    </aside>
  );
}
