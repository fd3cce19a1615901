/** A record in full: message, error with its stack trace, then its fields or its JSON. */
import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { fieldText, fieldValue, withoutColours } from '../../model/record-fields.js';
import { FieldTable } from './field-table.js';
import { StackTrace } from './stack-trace.js';

/** JSON longer than this is cut in the page; copying copies all of it. */
const JSON_LENGTH_MAX = 200_000;

function ErrorPart({ source }: { source: Record<string, unknown> }): JSX.Element | null {
  const type = fieldText(fieldValue(source, 'error.type'));
  const message = fieldText(fieldValue(source, 'error.message'));
  const stack = fieldText(fieldValue(source, 'error.stack_trace'));
  if (type === null && message === null && stack === null) return null;
  const heading = [type, message].filter((part) => part !== null).join(': ');
  const repeated = stack?.startsWith(heading) ?? false;
  return (
    <section class="error-part" aria-label="Error">
      {!repeated && heading !== '' && <p class="error-heading">{heading}</p>}
      {stack !== null && <StackTrace text={stack} />}
    </section>
  );
}

/** The record. */
export function RecordBody(props: { source: Record<string, unknown>; searchable: boolean }): JSX.Element {
  const { source, searchable } = props;
  const [shown, setShown] = useState<'fields' | 'json'>('fields');
  const message = fieldText(fieldValue(source, 'message'));
  return (
    <>
      {message !== null && message !== '' && <pre class="message">{withoutColours(message)}</pre>}
      <ErrorPart source={source} />
      <div class="segments" role="group" aria-label="Show as">
        <button type="button" aria-pressed={shown === 'fields'} onClick={() => setShown('fields')}>
          Fields
        </button>
        <button type="button" aria-pressed={shown === 'json'} onClick={() => setShown('json')}>
          JSON
        </button>
      </div>
      {shown === 'fields' ? (
        <FieldTable source={source} searchable={searchable} />
      ) : (
        <pre class="json" role="region" aria-label="JSON">
          {JSON.stringify(source, null, 2).slice(0, JSON_LENGTH_MAX)}
        </pre>
      )}
    </>
  );
}
