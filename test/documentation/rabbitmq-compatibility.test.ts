// What docs/rabbitmq-compatibility.md says has to stay whole and true to what it names: a row for all that the
// broker knows, and for each row a test that is there.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { readTable } from '../../broker/protocol/field-table.js';
import { METHODS, type MethodName } from '../../broker/protocol/method-table.js';
import { PROPERTIES } from '../../broker/protocol/properties.js';
import { WireReader } from '../../broker/protocol/wire-reader.js';
import { QUEUE_ARGUMENTS } from '../../broker/queue/arguments.js';
import { EXCHANGE_TYPES } from '../../broker/routing/exchange.js';
import { SERVER_PROPERTIES } from '../../broker/transport/handshake.js';
import { isThere, page, root, rows, withoutRow } from './compatibility-page.js';

/** `autoDelete` → `auto-delete`, as the specification writes it. */
function dashed(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`).replace('nowait', 'no-wait');
}

function fieldTypes(): string[] {
  const letters = Array.from({ length: 128 }, (_, code) => String.fromCharCode(code));
  return letters.filter((letter) => {
    // One field without a name, and zeros for its value.
    const payload = Buffer.concat([Buffer.from([0]), Buffer.from(letter), Buffer.alloc(8)]);
    const size = Buffer.alloc(4);
    size.writeUInt32BE(payload.length);
    try {
      readTable(new WireReader(Buffer.concat([size, payload])));
      return true;
    } catch (error) {
      return !String(error).endsWith(`unknown field type ${letter.charCodeAt(0)}`);
    }
  });
}

test('every method has a row, and each of its arguments is told', () => {
  expect(withoutRow(Object.keys(METHODS))).toEqual([]);
  const untold = (Object.keys(METHODS) as MethodName[]).filter((name) => {
    const [, , ...args] = METHODS[name] as readonly [number, number, ...[string, string][]];
    const telling = rows.filter(({ what }) => what.includes(`\`${name}\``));
    return !telling.some(({ what }) => args.every(([argument]) => what.includes(dashed(argument))));
  });
  expect(untold).toEqual([]);
});

test('every argument of a queue, type of exchange, property, type of field and capability has a row', () => {
  expect(withoutRow(QUEUE_ARGUMENTS)).toEqual([]);
  expect(withoutRow(EXCHANGE_TYPES)).toEqual([]);
  expect(withoutRow(PROPERTIES.map(([name]) => dashed(name)))).toEqual([]);
  expect(fieldTypes()).toContain('S');
  expect(withoutRow(fieldTypes())).toEqual([]);
  const capabilities = SERVER_PROPERTIES.get('capabilities');
  expect(withoutRow(capabilities?.type === 'table' ? capabilities.value.keys() : [''])).toEqual([]);
});

test('every test that the page names is there', () => {
  const paths = [...page.matchAll(/`((?:broker|test)\/[\w./-]+)`/g)].map(([, path]) => path as string);
  expect(paths.length).toBeGreaterThan(20);
  expect(paths.filter((path) => !existsSync(join(root, path)))).toEqual([]);

  const wrong = rows.flatMap(({ shown, text, verdict }) => {
    const quotes = [...shown.matchAll(/(`[^`]+` )?“([^”]+)”/g)];
    // Of what is not there, there may be nothing to show.
    if (shown === 'not tested' && verdict === 'absent') return [];
    if (quotes.length === 0 && !shown.includes('.test.ts`')) return [`no test: ${text}`];
    return quotes.flatMap(([quote, path, sentence = '']) =>
      isThere(path?.slice(1, -2), sentence) ? [] : [quote],
    );
  });
  expect(wrong).toEqual([]);
});
