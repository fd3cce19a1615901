// Every setting of Warren is in a table of the documents, with its variables, its flag and its default.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { configurationSchema } from '../../cli/configuration/schema.js';
import type { Setting } from '../../cli/configuration/setting.js';
import { SETTINGS, valueAt } from '../../cli/configuration/settings.js';
import { root } from './compatibility-page.js';

function rowsOf(path: string): string[] {
  return readFileSync(join(root, path), 'utf8')
    .split('\n')
    .filter((line) => line.startsWith('| `'));
}

/** What is in force where nothing is said. */
function defaults(): object {
  const nothing: Record<string, unknown> = {};
  for (const { path } of SETTINGS) {
    let level = nothing;
    for (const part of path.slice(0, -1)) {
      level[part] ??= {};
      level = level[part] as Record<string, unknown>;
    }
  }
  return configurationSchema.parse(nothing);
}

const inForce = defaults();

/** What a row lacks of a setting. */
function missing(row: string, { path, variables, flag }: Setting): string[] {
  const value = valueAt(inForce, path);
  const wanted = [...variables.slice(0, 1), flag].map((name) => `\`${name}\``);
  const last = row.split(/ ?\| ?/).at(-2) ?? '';
  const told = last.replaceAll(',', '').includes(String(value ?? ''));
  return [...wanted.filter((name) => !row.includes(name)), ...(told ? [] : [`the default ${value}`])];
}

const namedIn = (row: string): string | undefined => /^\| `([\w.]+)`/.exec(row)?.[1];

test('docs/settings.md has each of them', () => {
  const rows = rowsOf('docs/settings.md');
  const wrong = SETTINGS.flatMap((setting) => {
    const name = setting.path.join('.');
    const row = rows.find((one) => namedIn(one) === name);
    if (row === undefined) return [name];
    const lacking = missing(row, setting);
    // All of its variables here, and in other tables the first.
    lacking.push(...setting.variables.filter((one) => !row.includes(`\`${one}\``)));
    if (setting.secret && !row.includes('_FILE')) lacking.push('_FILE');
    return lacking.map((what) => `${name}: ${what}`);
  });
  expect(wrong).toEqual([]);
  const names = SETTINGS.map(({ path }) => path.join('.'));
  expect(rows.map(namedIn).filter((name) => name !== undefined && !names.includes(name))).toEqual([]);
});

test('other tables of settings say the same', () => {
  const pages = ['README.md', ...readdirSync(join(root, 'docs')).map((name) => `docs/${name}`)];
  const rows = pages.filter((path) => path.endsWith('.md') && path !== 'docs/settings.md').flatMap(rowsOf);
  const found = rows.flatMap((row) => {
    const setting = SETTINGS.find(({ path }) => path.join('.') === namedIn(row));
    // Options of the same name, of an agent or of an embedded broker, come from no variable.
    return setting === undefined || !row.includes('`--') ? [] : [{ row, setting }];
  });
  expect(found.length).toBeGreaterThan(8);
  expect(found.flatMap(({ row, setting }) => missing(row, setting))).toEqual([]);
});
