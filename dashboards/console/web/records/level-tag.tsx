/** A level in colour and in text. */
import type { JSX } from 'preact';
import { levelKind } from '../../model/level.js';

/** The tag of a stored level. */
export function LevelTag({ level }: { level: string | null }): JSX.Element {
  return (
    <span class={`level-tag level-${levelKind(level)}`}>{level === null ? '–' : level.toUpperCase()}</span>
  );
}
