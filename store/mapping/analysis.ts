/**
 * Elasticsearch's standard analyser for text: words by the rules of Unicode's text segmentation
 * (UAX #29) as Lucene applies them, in lower case. Han and kana are one token a character (kana runs
 * are words), Hangul and other alphabets by words.
 *
 * A document's text is kept as its tokens with a space before and after each, so that a word is found
 * as ` word ` and a phrase as ` two words `, by plain substring search.
 */

/** Lucene's limit; a longer run of letters is cut into tokens of this length. */
const TOKEN_LENGTH_MAX = 255;

const WORD =
  /\p{Script=Han}|\p{Script=Hiragana}|[\p{Script=Katakana}\u30fc]+|[\p{L}\p{M}\p{N}_](?:[\p{L}\p{M}\p{N}_]|(?<=\p{L})['’.:·](?=\p{L})|(?<=\p{N})[.,;'’](?=\p{N}))*/gu;
const NOT_ALONE = /^_*$/;
const EAST_ASIAN = /[\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]/;
const ASCII_WORD = /[a-z0-9_](?:[a-z0-9_]|(?<=[a-z])['.:](?=[a-z])|(?<=[0-9])[.,;'](?=[0-9]))*/g;
const BEYOND_ASCII = /[^\0-\x7f]/;
const IDEOGRAPH = /\p{Script=Han}|\p{Script=Hiragana}/gu;

/** The tokens of a text, in order. */
export function tokens(text: string): string[] {
  const lower = text.toLowerCase();
  const words = BEYOND_ASCII.test(lower) ? unicodeWords(lower) : (lower.match(ASCII_WORD) ?? []);
  const kept: string[] = [];
  for (const word of words) {
    if (word.charCodeAt(0) === 95 && NOT_ALONE.test(word)) continue;
    if (word.length <= TOKEN_LENGTH_MAX) kept.push(word);
    else
      for (let start = 0; start < word.length; start += TOKEN_LENGTH_MAX)
        kept.push(word.slice(start, start + TOKEN_LENGTH_MAX));
  }
  return kept;
}

/** The column value of a text: ` word word `; a single space when it has no token. */
export function tokenText(text: string): string {
  const words = tokens(text);
  return words.length === 0 ? ' ' : ` ${words.join(' ')} `;
}

function unicodeWords(text: string): string[] {
  const spaced = EAST_ASIAN.test(text) ? text.replace(IDEOGRAPH, ' $& ') : text;
  return spaced.match(WORD) ?? [];
}
