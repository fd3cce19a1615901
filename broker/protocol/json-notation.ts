/** JSON values in Erlang's notation, as RabbitMQ shows them in the errors of its management API. */
import { showBinary } from './erlang-notation.js';

/** A string: Erlang takes its bytes for Latin-1, and what comes of that is taken for UTF-8 again. */
function showText(text: string): string {
  return Buffer.from(showBinary(Buffer.from(text)), 'latin1').toString();
}

/** A number: whole ones as they are; a fraction or an exponent makes a float. */
function showNumber(value: number): string {
  if (Number.isSafeInteger(value)) return String(value);
  const [mantissa = '', exponent] = String(value).split('e');
  const point = mantissa.includes('.') ? mantissa : `${mantissa}.0`;
  return exponent === undefined ? point : `${point}e${exponent.replace('+', '')}`;
}

/** The value as Erlang's `~tp` writes it where it fits a line. */
export function showJson(value: unknown): string {
  if (typeof value === 'string') return showText(value);
  if (typeof value === 'number') return showNumber(value);
  if (Array.isArray(value)) return showList(value);
  if (typeof value !== 'object' || value === null) return String(value);
  const pairs = sorted(value).map(([name, item]) => `${showText(name)} => ${showJson(item)}`);
  return `#{${pairs.join(',')}}`;
}

/** An object as the list of pairs that RabbitMQ makes of it before it looks at it. */
export function showPairs(value: object): string {
  return `[${sorted(value)
    .map(([name, item]) => `{${showText(name)},${showJson(item)}}`)
    .join(',')}]`;
}

function sorted(value: object): [string, unknown][] {
  return Object.entries(value).sort(([one], [other]) => Buffer.compare(Buffer.from(one), Buffer.from(other)));
}

/** A list of printable code points is a string to Erlang. */
function showList(items: readonly unknown[]): string {
  const isText = items.length > 0 && items.every(isPrintable);
  if (isText) return `"${String.fromCharCode(...(items as number[])).replaceAll(/["\\]/g, '\\$&')}"`;
  return `[${items.map(showJson).join(',')}]`;
}

function isPrintable(item: unknown): boolean {
  return Number.isInteger(item) && (item as number) >= 32 && (item as number) < 127;
}
