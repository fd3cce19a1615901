/** Secrets that can be told by their look alone: card numbers, tokens, e-mail addresses. */

/** What is found by its look. */
export type PatternName = 'card' | 'token' | 'email';

/** The names of the patterns. */
export const PATTERN_NAMES: readonly PatternName[] = ['card', 'token', 'email'];

/** Takes a text and gives it back with what was found replaced by the censor. */
export type Pattern = (text: string, censor: string) => string;

/** A run of digits in groups, long enough to hold a card number (ISO/IEC 7812-1). */
const DIGITS = /\d(?:[ -]?\d){11,}/g;
const CARD_DIGITS_MAX = 19;
/** First digits and lengths that issuers use, so that times and counters are not taken for cards. */
const ISSUED =
  /^(?:4(?:\d{12}|\d{15}|\d{18})|(?:5[1-5]\d{2}|222[1-9]|22[3-9]\d|2[3-6]\d{2}|27[01]\d|2720)\d{12}|3[47]\d{13}|3(?:0[0-5]|[68]\d)\d{11}|35(?:2[89]|[3-8]\d)\d{12,15}|6(?:011|2\d{2}|4[4-9]\d|5\d{2})\d{12,15}|(?:50|5[6-9]|6\d)\d{10,17})$/;

/** RFC 6750, 2.1 and RFC 7617: what follows the scheme. */
const CREDENTIALS = /\b(bearer|basic)(\s{1,8})[\w.~+/-]{8,}=*/gi;
/** RFC 7515 and 7516, compact: three or five parts, of which the first is an object of JSON. */
const JSON_WEB_TOKEN = /\beyJ[\w-]{5,}(?:\.[\w-]*){2,4}/g;
/** The parts have bounds (RFC 5321, 4.5.3.1), so that the time it takes grows with the text alone. */
const EMAIL = /[\p{L}\p{N}._%+'-]{1,64}@(?:[\p{L}\p{N}-]{1,63}\.){1,8}[\p{L}\p{N}-]{2,63}/gu;

/** The patterns by name. */
export const PATTERNS: Readonly<Record<PatternName, Pattern>> = {
  card: (text, censor) => text.replace(DIGITS, (run) => withoutCards(run, censor)),
  token: (text, censor) =>
    text
      .replace(CREDENTIALS, (_, scheme: string, space: string) => `${scheme}${space}${censor}`)
      .replace(JSON_WEB_TOKEN, () => censor),
  email: (text, censor) => (text.includes('@') ? text.replace(EMAIL, () => censor) : text),
};

/** Looks for cards that begin and end where groups of digits do: what is around may be digits as well. */
function withoutCards(run: string, censor: string): string {
  const groups = run.split(/([ -])/);
  let left = '';
  let first = 0;
  while (first < groups.length) {
    const last = lastGroupOfCard(groups, first);
    if (last === undefined) {
      left += groups[first] ?? '';
      left += groups[first + 1] ?? '';
      first += 2;
    } else {
      left += censor + (groups[last + 1] ?? '');
      first = last + 2;
    }
  }
  return left;
}

/** Where the longest card ends that begins with a group; groups and what is between them take turns. */
function lastGroupOfCard(groups: readonly string[], first: number): number | undefined {
  let found: number | undefined;
  let digits = '';
  for (let group = first; group < groups.length; group += 2) {
    digits += groups[group] ?? '';
    if (digits.length > CARD_DIGITS_MAX) break;
    if (ISSUED.test(digits) && hasCheckDigit(digits)) found = group;
  }
  return found;
}

/** Luhn's formula (ISO/IEC 7812-1, annex B). */
function hasCheckDigit(digits: string): boolean {
  let sum = 0;
  for (let place = 0; place < digits.length; place += 1) {
    const digit = Number(digits[digits.length - 1 - place]);
    const doubled = digit * 2;
    sum += place % 2 === 0 ? digit : doubled > 9 ? doubled - 9 : doubled;
  }
  return sum % 10 === 0;
}
