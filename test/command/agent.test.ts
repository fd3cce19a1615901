// `warren agent` as its user starts it.
import { appendFileSync, existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { until } from '../until.js';
import { runWarren, WarrenProcess } from '../warren-process.js';

let directory: string;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'warren-agent-'));
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

/** What a dry run has printed: nothing but records. */
function records(output: string): Record<string, unknown>[] {
  return output
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line));
}

function messages({ stdout }: { stdout: string }): unknown[] {
  return records(stdout).map(({ message }) => message);
}

describe('warren agent --dry-run', () => {
  // No broker is there.
  const environment = () => ({ WARREN_DATA_DIR: join(directory, 'data'), WARREN_AMQP_PORT: '1' });

  it('prints the records of files, follows them, and leaves no position behind', async () => {
    const file = join(directory, 'app.log');
    writeFileSync(file, 'level=warn msg="no stock"\n');
    const parameters = ['agent', '--dry-run', '--service', 'shop', '--format', 'logfmt', '--file', file];
    await using agent = new WarrenProcess(parameters, environment());
    await until('the first record', async () => messages(agent)[0]);
    appendFileSync(file, 'level=info msg=more\n');
    await until('the second record', async () => messages(agent)[1]);
    const outcome = await agent.end();
    expect(outcome).toMatchObject({ exitCode: 0, stderr: '' });
    expect(records(outcome.stdout)).toMatchObject([
      { message: 'no stock', log: { level: 'warn', file: { path: file } }, service: { name: 'shop' } },
      { message: 'more', log: { level: 'info' } },
    ]);
    expect(existsSync(join(directory, 'data'))).toBe(false);
  });

  it('prints the records of standard input, and ends with it', async () => {
    const pattern = ['--multiline-pattern', '^\\d', '--multiline-negate', 'true'];
    const agent = new WarrenProcess(
      ['agent', '--dry-run', '--service', 'x', '--stdin', ...pattern],
      environment(),
    );
    agent.child.stdin?.end('1 a\nb\n2 c');
    const outcome = await agent.outcome();
    expect([outcome.exitCode, messages(outcome)]).toEqual([0, ['1 a\nb', '2 c']]);
  });

  it('prints the records of a command, to its last line', async () => {
    const command = 'trap "printf bye; exit" TERM; echo hello; while :; do sleep 0.1; done';
    await using agent = new WarrenProcess(
      ['agent', '--dry-run', '--service', 'x', '--exec', command],
      environment(),
    );
    await until('the first record', async () => messages(agent)[0]);
    const outcome = await agent.end();
    expect(outcome.exitCode).toBe(0);
    expect(messages(outcome).at(-1)).toBe('bye');
  });
});

describe('warren agent', () => {
  it.each([
    [['--stdin', '--exec', 'x'], 'agent: give one of --file, --stdin and --exec'],
    [['--file', 'x', '--spool', 'y'], 'agent: --spool goes with'],
    [['--stdin', '--spool', 'y', '--dry-run'], 'agent: --dry-run sends nothing'],
    [['--stdin', '--format', 'xml'], '--format: must be one of auto, text, json, logfmt, regex'],
    [['--stdin', '--format', 'regex'], 'The format regex and a pattern go together'],
    [['--stdin', '--format', 'regex', '--pattern', '('], '--pattern: must be a regular expression'],
    [['--stdin', '--multiline', 'cobol'], '--multiline: must be one of auto, none, java, python, go, node'],
    [
      ['--stdin', '--multiline', 'java', '--multiline-pattern', 'x'],
      'by a preset or by a pattern, not by both',
    ],
    [['--stdin', '--multiline-negate', 'maybe'], '--multiline-negate: must be true or false'],
    [['--stdin', '--multiline-lines-max', '0'], '--multiline-lines-max: must be a whole number from 1'],
    [['--stdin', '--encoding', 'ebcdic'], '--encoding: must be one of utf-8'],
    [['--stdin', '--time-zone', 'Mars/Base'], '--time-zone: must be a zone such as'],
    [['--stdin', '--service-from', 'shop'], '--service-from: must hold fields in double braces'],
    [['--stdin', '--container', 'box'], '--container: must be one of path'],
  ])('refuses %j and says why', async (flags, why) => {
    const outcome = await runWarren(['agent', '--service', 'x', ...flags], { WARREN_DATA_DIR: directory });
    expect(outcome.exitCode).not.toBe(0);
    expect(outcome.stderr).toContain(why);
    expect(outcome.stderr.trim().split('\n')).toHaveLength(1);
  });
});
