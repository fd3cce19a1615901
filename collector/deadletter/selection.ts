/**
 * Which letters are meant: all, those named, or those that fit a condition.
 */
import { isLetterId } from './identity.js';
import type { DeadLetter } from './letter.js';

export type Selection =
  /** Ids as `list` gives them; a `message-id` stands for every letter that has it. */
  { ids: readonly string[] } | { all: true } | { where: (letter: DeadLetter) => boolean };

/** A selection at work on one walk through the queue. */
export class Selector {
  readonly #selection: Selection;
  readonly #missing: Set<string>;
  /** Only an id made by us names one letter: a message-id may come again further down. */
  readonly #canEndEarly: boolean;

  constructor(selection: Selection) {
    this.#selection = selection;
    this.#missing = new Set('ids' in selection ? selection.ids : []);
    this.#canEndEarly = 'ids' in selection && selection.ids.every(isLetterId);
  }

  /** Names that no letter has borne so far. */
  get missing(): string[] {
    return [...this.#missing];
  }

  /** Whether no further letter can be meant. */
  get isComplete(): boolean {
    return this.#canEndEarly && this.#missing.size === 0;
  }

  /** Whether this letter is meant. */
  takes(letter: DeadLetter): boolean {
    if ('all' in this.#selection) return true;
    if ('where' in this.#selection) return this.#selection.where(letter);
    const names = [letter.id, ...(letter.messageId === undefined ? [] : [letter.messageId])];
    const wanted = this.#selection.ids;
    const isMeant = names.some((name) => wanted.includes(name));
    for (const name of names) this.#missing.delete(name);
    return isMeant;
  }
}
