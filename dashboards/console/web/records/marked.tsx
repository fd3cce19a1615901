/** Text with the words that were searched for marked. */
import type { JSX } from 'preact';

/** Splits at the words, whatever their case. */
export function Marked({ text, words }: { text: string; words: readonly string[] }): JSX.Element {
  if (words.length === 0) return <>{text}</>;
  const pattern = words.map((word) => word.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')).join('|');
  const parts = text.split(new RegExp(`(${pattern})`, 'gi'));
  return (
    <>{parts.map((part, position) => (position % 2 === 1 ? <mark key={position}>{part}</mark> : part))}</>
  );
}
