import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { containerOfPath } from './container-path.js';
import { LineInput } from './line-input.js';

const origin = { service: { name: 'shop' }, hostname: 'web-1' };
const TIME = '2026-01-31T10:20:30.123456789Z';
const ID = '0123456789abcdef'.repeat(4);

function cri(stream: string, tag: 'F' | 'P', text: string): string {
  return `${TIME} ${stream} ${tag} ${text}\n`;
}

function docker(stream: string, log: string): string {
  return `${JSON.stringify({ log, stream, time: TIME })}\n`;
}

function records(
  chunks: readonly Buffer[],
  container: 'auto' | 'docker' | 'cri' = 'auto',
  lineBytesMax = 1_000,
) {
  const input = new LineInput({ container, lineBytesMax }, origin);
  const reader = input.open();
  const groups = [...chunks.flatMap((chunk) => reader.push(chunk)), ...reader.end()];
  return input.records(groups, ({ lines: [first] }) => `at ${first?.offset}`);
}

function summary(text: string, container?: 'docker' | 'cri', lineBytesMax?: number): unknown[] {
  return records([Buffer.from(text)], container, lineBytesMax).map((record) => [
    record['stream'] ?? '',
    record.message,
  ]);
}

describe('the lines of a container', () => {
  it('in the format of the CRI have their own time and stream', () => {
    const [first] = records([Buffer.from(cri('stderr', 'F', 'ERROR no stock'))]);
    expect(first).toMatchObject({ '@timestamp': TIME, stream: 'stderr', message: 'ERROR no stock' });
    expect(first?.log.level).toBe('error');
  });

  it('in the format of Docker have them too', () => {
    const [first] = records([Buffer.from(docker('stdout', 'hello\r\n'))]);
    expect(first).toMatchObject({ '@timestamp': TIME, stream: 'stdout', message: 'hello' });
  });

  it('may be JSON themselves, with a time of their own', () => {
    const json = '{"msg":"hello","time":"2026-01-01T00:00:00Z"}';
    const both = records([Buffer.from(cri('stdout', 'F', json) + docker('stdout', '{"msg":"hi"}\n'))]);
    expect(both.map((one) => [one['@timestamp'], one.message])).toEqual([
      ['2026-01-01T00:00:00Z', 'hello'],
      [TIME, 'hi'],
    ]);
  });

  it('are joined where the runtime has cut them, each stream for itself', () => {
    const text =
      cri('stdout', 'P', 'one ') +
      cri('stderr', 'P', 'E ') +
      cri('stdout', 'F', 'two') +
      cri('stderr', 'F', 'F');
    expect(summary(text)).toEqual([
      ['stdout', 'one two'],
      ['stderr', 'E F'],
    ]);
    expect(
      summary(docker('stdout', 'a') + docker('stdout', 'b') + docker('stdout', 'c\n'), 'docker'),
    ).toEqual([['stdout', 'abc']]);
  });

  it('make one record of a stack trace, and none across streams', () => {
    const trace = cri('stderr', 'F', 'ERROR late') + cri('stderr', 'F', '\tat a.B.c(B.java:1)');
    expect(summary(trace + cri('stdout', 'F', '  indented'))).toEqual([
      ['stderr', 'ERROR late'],
      ['stdout', '  indented'],
    ]);
  });

  it('are sent at the end although their last part has not come', () => {
    expect(summary(cri('stdout', 'P', 'half'))).toEqual([['stdout', 'half']]);
  });

  it('are cut at the limit when their parts together are longer, and marked', () => {
    const text = cri('stdout', 'P', 'x'.repeat(60)) + cri('stdout', 'F', 'y'.repeat(60));
    const [only] = records([Buffer.from(text)], 'cri', 100);
    expect(only?.message).toBe(`${'x'.repeat(60)}${'y'.repeat(40)}`);
    expect(only?.log.flags).toEqual(['truncated']);
  });

  it('stay as they are when no runtime wrote them', () => {
    expect(summary('plain\n{"log":1}\n', 'docker')).toEqual([
      ['', 'plain'],
      ['', ''],
    ]);
  });

  it('are the same records however the bytes are split, and however far in one begins again', () => {
    const stream = fc.constantFrom('stdout', 'stderr');
    const wrapped = fc.oneof(
      fc
        .tuple(stream, fc.constantFrom('F', 'P'), fc.constantFrom('INFO é', '  at b', ''))
        .map(([s, tag, text]) => cri(s, tag as 'F', text)),
      fc.tuple(stream, fc.constantFrom('x', 'ERROR y\n', ' z\n')).map(([s, log]) => docker(s, log)),
      fc.constantFrom('plain\n', '  at plain\n'),
    );
    const cuts = fc.array(fc.nat({ max: 2_000 }), { maxLength: 10 });
    const property = fc.property(fc.array(wrapped, { maxLength: 30 }), cuts, (lines, at) => {
      const bytes = Buffer.from(lines.join(''));
      const whole = records([bytes]);
      const ends = [...at, 0, bytes.length].map((cut) => Math.min(cut, bytes.length)).sort((a, b) => a - b);
      expect(
        records(ends.slice(1).map((end, index) => bytes.subarray(ends[index], end))).map(idAndText),
      ).toEqual(whole.map(idAndText));
      // What is held tells where to begin again: all records that begin there or later come again, and no other.
      const input = new LineInput({ container: 'auto' }, origin);
      const first = input.open();
      const before = lines.slice(0, Math.floor(lines.length / 2)).join('');
      first.push(Buffer.from(before));
      const resume = first.heldOffset ?? first.position;
      const second = input.open(resume);
      const again = [...second.push(bytes.subarray(resume)), ...second.end()];
      const expected = whole
        .map(({ event }) => Number(event.id.slice(3)))
        .filter((offset) => offset >= resume);
      expect(again.map((group) => group.lines[0]?.offset)).toEqual(expected);
    });
    fc.assert(property, { numRuns: 500 });
  });
});

function idAndText(record: { event: { id: string }; message: string; error?: unknown }): unknown[] {
  return [record.event.id, record.message, record.error];
}

describe('the path of a container’s file', () => {
  it.each([
    [
      `/host/var/log/containers/shop-5d9c-x2x_default_web-app-${ID}.log`,
      {
        container: { id: ID },
        kubernetes: { namespace: 'default', pod: { name: 'shop-5d9c-x2x' }, container: { name: 'web-app' } },
      },
    ],
    [
      '/var/log/pods/default_shop-5d9c_0a1b2c3d-aaaa-bbbb-cccc-0123456789ab/web/0.log',
      {
        kubernetes: {
          namespace: 'default',
          pod: { name: 'shop-5d9c', uid: '0a1b2c3d-aaaa-bbbb-cccc-0123456789ab' },
          container: { name: 'web' },
        },
      },
    ],
    [`/var/lib/docker/containers/${ID}/${ID}-json.log`, { container: { id: ID } }],
    ['/var/log/shop/app.log', undefined],
  ])('%s tells what it can', (path, fields) => {
    expect(containerOfPath(path)).toEqual(fields);
  });

  it('is enough to unwrap its lines', () => {
    const path = `/var/lib/docker/containers/${ID}/${ID}-json.log`;
    const input = new LineInput({}, origin);
    const reader = input.open(0, path);
    const groups = [...reader.push(Buffer.from(docker('stdout', 'hello\n'))), ...reader.end()];
    expect(input.records(groups, () => 'id', path)[0]).toMatchObject({
      message: 'hello',
      container: { id: ID },
    });
  });
});
