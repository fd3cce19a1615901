// docs/rabbitmq-compatibility.md as the tests read it that keep it whole: its rows, and the tests that they name.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { groups } from '../interop/differential/groups.js';
import { groups as managementGroups } from '../interop/management/groups.js';
import { deathScenarios, timeScenarios } from '../interop/policies/death-scenarios.js';
import { lengthScenarios } from '../interop/policies/length-scenarios.js';
import { exchangeScenarios, matchScenarios } from '../interop/policies/match-scenarios.js';

export const root = join(import.meta.dirname, '../../..');
export const page = readFileSync(join(root, 'docs/rabbitmq-compatibility.md'), 'utf8');

type Verdict = 'same' | 'differs' | 'absent' | "Warren's own";

export interface Row {
  /** The heading that it stands under. */
  readonly section: string;
  readonly what: string;
  readonly verdict: Verdict;
  readonly shown: string;
  readonly text: string;
}

const VERDICT = /^(same|differs|absent|Warren's own)( |$)/;

function readRows(): Row[] {
  const found: Row[] = [];
  let section = '';
  for (const text of page.split('\n')) {
    if (text.startsWith('## ')) section = text.slice(3);
    if (!text.startsWith('| ')) continue;
    const cells = text.split(/(?<!\\) ?\| ?/);
    const verdict = VERDICT.exec(cells[2] ?? '')?.[1] as Verdict | undefined;
    if (verdict === undefined) continue;
    found.push({ section, what: cells[1] ?? '', verdict, shown: cells.at(-2) ?? '', text });
  }
  return found;
}

/** Rows of the tables whose second column says what is the case. */
export const rows: readonly Row[] = readRows();

/** What stands as code in the first column of a row. */
export function codeOf({ what }: Row): string[] {
  return [...what.matchAll(/`([^`]+)`/g)].map(([, code]) => code as string);
}

/** Those of `names` that no row has in its first column. */
export function withoutRow(names: Iterable<string>): string[] {
  return [...names].filter((name) => !rows.some(({ what }) => what.includes(`\`${name}\``)));
}

const policies = [
  ...lengthScenarios,
  ...timeScenarios,
  ...deathScenarios,
  ...matchScenarios,
  ...exchangeScenarios,
];

/** The names of all that is played to RabbitMQ and to the broker, as the page names them. */
const played: readonly string[] = [
  ...groups.flatMap(([group, scripts]) => scripts.map(({ name }) => `${group}: ${name}`)),
  ...managementGroups.flatMap(([group, scripts]) =>
    scripts.map(({ name }) => `management: ${group}: ${name}`),
  ),
  ...policies.map(({ name }) => `policies: ${name}`),
  ...testsOf('test/interop/policies/policies.test.ts').map((name) => `policies: ${name}`),
];

/** The sentences by which a file names its tests. */
function testsOf(path: string): string[] {
  const source = readFileSync(join(root, path), 'utf8');
  return [...source.matchAll(/\btest\(\s*(['"`])(.*?)\1,/g)].map(([, , name]) => name as string);
}

/** Whether `path`, or without it what is played to both, has a test of that name; “…” stands for its rest. */
export function isThere(path: string | undefined, sentence: string): boolean {
  const whole = sentence.replaceAll('\\|', '|');
  const start = whole.endsWith('…') ? whole.slice(0, -1).trimEnd() : undefined;
  if (path !== undefined) return readFileSync(join(root, path), 'utf8').includes(start ?? whole);
  return played.some((name) => (start === undefined ? name === whole : name.startsWith(start)));
}
