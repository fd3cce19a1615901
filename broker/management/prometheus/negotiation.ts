/** What of content and encoding a client asks for (RFC 9110, 12.5), as far as metrics come in it. */
import type { ExpositionFormat } from './exposition.js';

interface Wish {
  readonly name: string;
  readonly quality: number;
}

/** The wishes of a header, the most wanted first. */
function wishes(header: string): Wish[] {
  const parsed = header.split(',').map((part) => {
    const [name = '', ...parameters] = part.split(';').map((text) => text.trim().toLowerCase());
    const quality = parameters.find((parameter) => parameter.startsWith('q='));
    return { name, quality: quality === undefined ? 1 : Number(quality.slice(2)) };
  });
  return parsed
    .filter(({ name, quality }) => name !== '' && quality > 0)
    .sort((left, right) => right.quality - left.quality);
}

const FORMATS: ReadonlyMap<string, ExpositionFormat> = new Map([
  ['application/openmetrics-text', 'openmetrics'],
  ['text/plain', 'text'],
  ['text/*', 'text'],
  ['*/*', 'text'],
]);

/** The format that an Accept header asks for; undefined where it takes neither. */
export function negotiateFormat(accept: string | undefined): ExpositionFormat | undefined {
  if (accept === undefined || accept.trim() === '') return 'text';
  for (const { name } of wishes(accept)) {
    const format = FORMATS.get(name);
    if (format !== undefined) return format;
  }
  return undefined;
}

/** Whether an Accept-Encoding header asks for gzip. */
export function wantsGzip(acceptEncoding: string | undefined): boolean {
  return (
    wishes(acceptEncoding ?? '').find(({ name }) => name === 'gzip' || name === 'identity')?.name === 'gzip'
  );
}
