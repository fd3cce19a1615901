/** A file that a form uploads (RFC 7578): the one field that is asked for, as it came. */

const HEADERS_END = '\r\n\r\n';

/** The part called `file` of a form; of anything else all of it. */
export function fileOf(body: Buffer, contentType: string): Buffer {
  if (!/^multipart\/form-data/i.test(contentType)) return body;
  const [, quoted, plain] = /boundary=(?:"([^"]+)"|([^;\s]+))/i.exec(contentType) ?? [];
  const delimiter = Buffer.from(`--${quoted ?? plain ?? ''}`);
  let start = body.indexOf(delimiter);
  while (start !== -1) {
    start += delimiter.length;
    const end = body.indexOf(delimiter, start);
    if (end === -1) break;
    const part = body.subarray(start, end);
    const headersEnd = part.indexOf(HEADERS_END);
    const isFile =
      headersEnd !== -1 && /name="?file"?[;\r]/.test(`${part.toString('latin1', 0, headersEnd)}\r`);
    // A line break belongs to the delimiter that follows.
    if (isFile) return part.subarray(headersEnd + HEADERS_END.length, part.length - 2);
    start = end;
  }
  return Buffer.alloc(0);
}
