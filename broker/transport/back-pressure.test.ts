import { beforeEach, expect, test } from 'vitest';
import { Alarms } from './alarms.js';
import { BackPressure } from './back-pressure.js';

let alarms: Alarms;
let done: string[];
let behind: boolean;
let pressure: BackPressure;

beforeEach(() => {
  alarms = new Alarms();
  done = [];
  behind = false;
  pressure = new BackPressure({
    alarms,
    diskBehind: () => behind,
    stalled: () => false,
    pause: () => done.push('pause'),
    resume: () => done.push('resume'),
    canBeTold: () => true,
    tellBlocked: (reason) => done.push(`blocked: ${reason}`),
    tellUnblocked: () => done.push('unblocked'),
  });
  alarms.onChange = () => pressure.alarmsChanged();
});

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

test('a publisher that waits for the disk when an alarm comes is told with its next publish', async () => {
  pressure.published();
  behind = true;
  pressure.afterRead(100);
  alarms.raise('disk');
  expect(done).toEqual(['pause', 'resume']);
  pressure.published();
  pressure.afterRead(100);
  expect(done.slice(2)).toEqual(['pause', 'blocked: low on disk']);
  behind = false;
  await turn();
  alarms.clear('disk');
  expect(done.slice(4)).toEqual(['unblocked', 'resume']);
});

test('whoever has read its share of a turn when an alarm comes goes on, as long as it does not publish', async () => {
  pressure.published();
  pressure.afterRead(1024 * 1024);
  alarms.raise('memory');
  expect(done).toEqual(['pause']);
  await turn();
  expect(done).toEqual(['pause', 'resume']);
});

test('a second alarm does not set free who is blocked by the first, nor does its end', async () => {
  alarms.raise('memory');
  pressure.published();
  pressure.afterRead(100);
  alarms.raise('disk');
  alarms.clear('memory');
  await turn();
  expect(done).toEqual(['pause', 'blocked: low on memory']);
  alarms.clear('disk');
  expect(done.slice(2)).toEqual(['unblocked', 'resume']);
});
