/**
 * Regular expressions as operators write them for RabbitMQ, which takes PCRE, made into JavaScript's. What
 * both have but write in another way is translated; what JavaScript has not, or would take for something
 * else without a word, is refused.
 */

/** Of Latin-1, as Erlang has its PCRE take bytes. */
const LETTERS = 'A-Za-z\\xaa\\xb5\\xba\\xc0-\\xd6\\xd8-\\xf6\\xf8-\\xff';
const SPACES = ' \\t-\\r';

/** Escapes of PCRE that JavaScript takes for the letter alone, or that are of other characters there. */
const ESCAPES: Readonly<Record<string, string>> = {
  A: '^',
  z: '$',
  Z: '$',
  a: '\\x07',
  e: '\\x1b',
  h: '[ \\t\\xa0]',
  H: '[^ \\t\\xa0]',
  N: '[^\\n]',
  s: `[${SPACES}]`,
  S: `[^${SPACES}]`,
  w: `[\\w${LETTERS}]`,
  W: `[^\\w${LETTERS}]`,
};
const ESCAPES_IN_CLASS: Readonly<Record<string, string>> = {
  a: '\\x07',
  e: '\\x1b',
  h: ' \\t\\xa0',
  s: SPACES,
  w: `\\w${LETTERS}`,
};
const UNKNOWN_ESCAPES = /^[CEGKPRXgop]$/;

const POSIX_CLASSES: Readonly<Record<string, string>> = {
  alnum: `0-9${LETTERS}`,
  alpha: LETTERS,
  ascii: '\\x00-\\x7f',
  blank: ' \\t',
  cntrl: '\\x00-\\x1f\\x7f-\\x9f',
  digit: '0-9',
  graph: '!-~\\xa0-\\xff',
  lower: 'a-z\\xaa\\xb5\\xba\\xdf-\\xf6\\xf8-\\xff',
  print: ' -~\\xa0-\\xff',
  punct: '!-\\/:-@\\[-`{-~\\xa0-\\xa9\\xab-\\xb4\\xb6-\\xb9\\xbb-\\xbf\\xd7\\xf7',
  space: SPACES,
  upper: 'A-Z\\xc0-\\xd6\\xd8-\\xde',
  word: `\\w${LETTERS}`,
  xdigit: '0-9A-Fa-f',
};

/** What stands at one place of an expression, and how far it reaches. */
const TOKEN =
  /\\Q([\s\S]*?)(?:\\E|$)|\\x\{([0-9a-fA-F]{1,4})\}|\\([\s\S])|\(\?#[^)]*\)|\(\?P<|\[\^?\]?|[\s\S]/y;
const CLASS_TOKEN = /\[:(\^?)(\w+):\]|\\x\{([0-9a-fA-F]{1,4})\}|\\([\s\S])|[\s\S]/y;

/**
 * An expression for `new RegExp`, which may refuse it still.
 *
 * @throws SyntaxError with a text that ends in what is wrong
 */
export function fromPcre(source: string): string {
  let translated = '';
  let at = 0;
  while (at < source.length) {
    TOKEN.lastIndex = at;
    const token = TOKEN.exec(source) as RegExpExecArray;
    at = TOKEN.lastIndex;
    if (token[0].startsWith('[')) {
      const end = classEnd(source, at);
      translated += token[0].replace(']', '\\]') + translateClass(source.slice(at, end));
      at = end;
    } else translated += translate(token);
  }
  return translated;
}

function translate([text, quoted, hex, escaped]: RegExpExecArray): string {
  if (quoted !== undefined) return quoted.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&');
  if (hex !== undefined) return `\\u${hex.padStart(4, '0')}`;
  if (escaped !== undefined) return translateEscape(text, escaped, ESCAPES);
  if (text.startsWith('(?#')) return '';
  return text === '(?P<' ? '(?<' : text;
}

function translateEscape(text: string, escaped: string, known: Readonly<Record<string, string>>): string {
  if (UNKNOWN_ESCAPES.test(escaped)) throw new SyntaxError(`\\${escaped}: \\${escaped} is not supported`);
  return known[escaped] ?? text;
}

/** Where the bracket is that closes a class, or the end where there is none. */
function classEnd(source: string, start: number): number {
  CLASS_TOKEN.lastIndex = start;
  for (;;) {
    const before = CLASS_TOKEN.lastIndex;
    const token = CLASS_TOKEN.exec(source);
    if (token === null) return source.length;
    if (token[0] === ']') return before;
  }
}

function translateClass(inside: string): string {
  return inside.replace(new RegExp(CLASS_TOKEN.source, 'g'), (text, not, name, hex, escaped) => {
    if (name !== undefined) return posixClass(not, name);
    if (hex !== undefined) return `\\u${hex.padStart(4, '0')}`;
    return escaped === undefined ? text : translateEscape(text, escaped, ESCAPES_IN_CLASS);
  });
}

function posixClass(not: string, name: string): string {
  const members = Object.hasOwn(POSIX_CLASSES, name) ? POSIX_CLASSES[name] : undefined;
  if (members === undefined) throw new SyntaxError(`${name}: unknown POSIX class name`);
  if (not !== '') throw new SyntaxError(`${name}: POSIX classes with ^ are not supported`);
  return members;
}
