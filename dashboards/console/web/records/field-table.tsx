/** Every field of a record, each with buttons that narrow the search down to its value or away from it. */
import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { withClause } from '../../model/query-clause.js';
import { fieldText, filterValues, flatFields } from '../../model/record-fields.js';
import { Icon, type IconName } from '../shell/icons.js';
import { navigate, pageState } from '../state/page-state.js';

/** A value longer than this is opened by a button. */
const VALUE_LENGTH_MAX = 400;

function Button(props: {
  icon: IconName;
  label: string;
  pressed?: boolean;
  onClick: () => void;
}): JSX.Element {
  return (
    <button
      type="button"
      class="quiet icon-only small"
      aria-label={props.label}
      title={props.label}
      aria-pressed={props.pressed}
      onClick={props.onClick}
    >
      <Icon name={props.icon} />
    </button>
  );
}

function filterBy(field: string, value: string, negated: boolean): void {
  const { query } = pageState.peek();
  navigate({ view: 'logs', query: withClause(query, field, value, negated), record: null });
}

function toggleColumn(field: string): void {
  const { columns } = pageState.peek();
  const next = columns.includes(field)
    ? columns.filter((each) => each !== field)
    : [...columns, field].slice(-10);
  navigate({ columns: next });
}

function Value({ value }: { value: unknown }): JSX.Element {
  const [whole, setWhole] = useState(false);
  const text = fieldText(value);
  if (text === null) return <span class="value-none">null</span>;
  const cut = !whole && text.length > VALUE_LENGTH_MAX;
  return (
    <>
      <span class={typeof value === 'string' ? undefined : 'value-typed'}>
        {cut ? `${text.slice(0, VALUE_LENGTH_MAX)}…` : text}
      </span>
      {text.length > VALUE_LENGTH_MAX && (
        <button type="button" class="link" onClick={() => setWhole(!whole)}>
          {whole ? 'less' : `all ${text.length.toLocaleString()} characters`}
        </button>
      )}
    </>
  );
}

function Field({
  name,
  value,
  searchable,
}: {
  name: string;
  value: unknown;
  searchable: boolean;
}): JSX.Element {
  const [only] = filterValues(value);
  const column = pageState.value.columns.includes(name);
  return (
    <tr>
      <th scope="row">{name}</th>
      <td>
        <Value value={value} />
      </td>
      <td class="field-actions">
        {searchable && only !== undefined && only.length <= 1000 && (
          <>
            <Button
              icon="only"
              label={`Only ${name}: ${only.slice(0, 60)}`}
              onClick={() => filterBy(name, only, false)}
            />
            <Button
              icon="without"
              label={`Not ${name}: ${only.slice(0, 60)}`}
              onClick={() => filterBy(name, only, true)}
            />
          </>
        )}
        {searchable && (
          <Button
            icon="column"
            label={`Column ${name}`}
            pressed={column}
            onClick={() => toggleColumn(name)}
          />
        )}
      </td>
    </tr>
  );
}

/**
 * The table.
 *
 * @param props.searchable whether the buttons make sense: not for a letter that was never stored
 */
export function FieldTable(props: { source: Record<string, unknown>; searchable: boolean }): JSX.Element {
  const [typed, setTyped] = useState('');
  const wanted = typed.toLowerCase();
  const fields = flatFields(props.source)
    .filter(([name]) => name !== 'error.stack_trace')
    .filter(([name, value]) => `${name} ${fieldText(value) ?? ''}`.toLowerCase().includes(wanted));
  return (
    <>
      <input
        type="search"
        class="field-search"
        aria-label="Find a field"
        placeholder="Find a field or value"
        value={typed}
        onInput={(event) => setTyped(event.currentTarget.value)}
      />
      <table class="fields">
        <caption class="unseen">Fields of the record</caption>
        <colgroup>
          <col class="field-names" />
          <col />
          <col class={props.searchable ? 'field-buttons' : 'field-no-buttons'} />
        </colgroup>
        <tbody>
          {fields.map(([name, value]) => (
            <Field key={name} name={name} value={value} searchable={props.searchable} />
          ))}
        </tbody>
      </table>
      {fields.length === 0 && <p class="hint">No field or value has “{typed}”.</p>}
    </>
  );
}
