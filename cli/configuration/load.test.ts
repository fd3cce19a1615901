import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { UsageError } from '../failure.js';
import { environmentOf, loadConfiguration } from './load.js';

let directory: string;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'warren-configuration-'));
});

afterEach(() => rmSync(directory, { recursive: true }));

function file(text: string): string {
  const path = join(directory, 'warren.yaml');
  writeFileSync(path, text);
  return path;
}

function load(text: string, environment: NodeJS.ProcessEnv = {}, flags: Record<string, unknown> = {}) {
  return loadConfiguration({ flags: { config: file(text), ...flags }, environment });
}

describe('settings', () => {
  it('have their defaults where nothing is said', () => {
    const { configuration, origins } = loadConfiguration({ flags: {}, environment: {} });
    expect(configuration).toMatchObject({ host: '127.0.0.1', broker: { port: 5672 }, store: { port: 9200 } });
    expect(origins.get('broker.port')).toBe('default');
  });

  it('are taken from a flag before a variable before the file', () => {
    const text = 'broker:\n  port: 1\nstore:\n  port: 1\nconsole:\n  port: 1\n';
    const environment = { WARREN_AMQP_PORT: '2', WARREN_STORE_PORT: '2' };
    const { configuration, origins } = load(text, environment, { amqpPort: '3' });
    expect(configuration).toMatchObject({ broker: { port: 3 }, store: { port: 2 }, console: { port: 1 } });
    expect(origins.get('broker.port')).toBe('--amqp-port');
    expect(origins.get('store.port')).toBe('WARREN_STORE_PORT');
    expect(origins.get('console.port')).toMatch(/warren\.yaml$/);
  });

  it('may keep a secret in a file of its own', () => {
    const path = join(directory, 'secret');
    writeFileSync(path, 'amqp://u:p@rabbit\n');
    const { configuration } = load('', { WARREN_BROKER_URL_FILE: path });
    expect(configuration.broker.url).toBe('amqp://u:p@rabbit');
  });

  it('reach a child process unchanged through its environment', () => {
    const { configuration } = load('host: 127.0.0.2\nbroker: { url: amqp://rabbit, port: 7 }\n');
    const again = loadConfiguration({ flags: {}, environment: environmentOf(configuration) });
    expect(again.configuration).toEqual(configuration);
  });
});

describe('a mistake', () => {
  it.each([
    ['broker:\n  port: 99999\n', /warren\.yaml:2: broker\.port: must be a whole number from 0 to 65535/],
    ['host: 127.0.0.1\nbroker:\n  prot: 1\n', /warren\.yaml:3: broker\.prot: there is no such setting/],
    ['log:\n  level: loud\n', /warren\.yaml:2: log\.level: must be one of trace/],
    ['a: [1\n', /warren\.yaml:\d+: /],
    ['- 1\n', /warren\.yaml:1: must hold settings/],
    ['broker: 5\n', /warren\.yaml:1: broker: /],
    ['host: 1\n', /warren\.yaml:1: host: /],
  ])('in the file is told with its line: %j', (text, message) => {
    expect(() => load(text)).toThrow(UsageError);
    expect(() => load(text)).toThrow(message);
  });

  it('in a variable or a flag is told with its name', () => {
    expect(() => load('', { WARREN_STORE_PORT: 'x' })).toThrow(/^WARREN_STORE_PORT: must be a whole number/);
    expect(() => load('', {}, { prefetch: '0' })).toThrow(/^--prefetch: must be a whole number/);
  });

  it('in an address never repeats the password in it', () => {
    const wrong = { WARREN_BROKER_URL: 'http://user:hunter2@rabbit' };
    expect(() => load('', wrong)).toThrow(/^WARREN_BROKER_URL: must be an address such as amqp:/);
    expect(() => load('', wrong)).not.toThrow(/hunter2/);
  });

  it('in the name of a file says that there is no such file', () => {
    const flags = { config: join(directory, 'none.yaml') };
    expect(() => loadConfiguration({ flags, environment: {} })).toThrow(/none\.yaml: there is no such file/);
  });
});
