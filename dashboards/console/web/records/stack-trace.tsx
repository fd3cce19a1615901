/** A stack trace as it was written, the application's own frames brighter than its libraries'. */
import type { JSX } from 'preact';
import { withoutColours } from '../../model/record-fields.js';

/** Lines drawn at most. */
const LINES_MAX = 2000;

/** Frames of runtimes and libraries. */
const FOREIGN =
  /node_modules|node:internal|\(node:|\(internal\/|site-packages|\bat (?:java|javax|jdk|sun|org\.springframework|org\.apache)\./;

/** The trace. */
export function StackTrace({ text }: { text: string }): JSX.Element {
  return (
    <pre class="stack" role="region" aria-label="Stack trace">
      {withoutColours(text)
        .split('\n')
        .slice(0, LINES_MAX)
        .map((line, position) => (
          <span key={position} class={FOREIGN.test(line) ? 'stack-foreign' : undefined}>
            {line}
            {'\n'}
          </span>
        ))}
    </pre>
  );
}
