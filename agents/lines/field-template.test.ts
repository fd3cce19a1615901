import { describe, expect, it } from 'vitest';
import { AgentOptionError } from '../errors.js';
import type { LogRecord } from '../record.js';
import { FieldTemplate } from './field-template.js';
import { LineInput, type LineInputOptions } from './line-input.js';

function recordOf(text: string, options: LineInputOptions, path?: string): LogRecord {
  const input = new LineInput(options, {
    service: { name: 'agent', environment: 'test' },
    hostname: 'web-1',
  });
  const reader = input.open(0, path);
  const groups = [...reader.push(Buffer.from(text)), ...reader.end()];
  return input.records(groups, () => 'id', path)[0] as LogRecord;
}

describe('the service of a record', () => {
  const path = '/var/log/shop/web.error.log';

  it.each([
    ['{{ path.3 }}', 'shop'],
    ['{{path.3}}-{{ path.stem }}', 'shop-web'],
    ['{{ path.-1 }}', 'web.error.log'],
    ['{{ path.9 }}', 'agent'],
    ['{{ no.such.field }}', 'agent'],
  ])('by the path as %s is %s', (serviceFrom, name) => {
    expect(recordOf('x', { serviceFrom }, path).service).toEqual({ name, environment: 'test' });
  });

  it.each([
    ['{"app":"cart","msg":"a"}', '{{ app }}', 'cart'],
    ['{"service":{"name":"cart"},"msg":"a"}', '{{ service.name }}', 'cart'],
    ['{"service.name":"cart","msg":"a"}', '{{ service.name }}', 'cart'],
    ['{"app":{"id":7},"msg":"a"}', 'app-{{ app.id }}', 'app-7'],
    ['{"app":"","msg":"a"}', '{{ app }}', 'agent'],
    ['plain', '{{ app }}', 'agent'],
    ['plain', '{{ __proto__.name }}', 'agent'],
  ])('of %s by its content as %s is %s', (line, serviceFrom, name) => {
    expect(recordOf(line, { serviceFrom }).service.name).toBe(name);
  });

  it('may be that of its container', () => {
    const file = `/var/log/containers/shop-1_default_web-${'0123456789abcdef'.repeat(4)}.log`;
    expect(recordOf('x', { serviceFrom: '{{ kubernetes.container.name }}' }, file).service.name).toBe('web');
  });
});

describe('the level of a record', () => {
  it.each([
    ['{"sev":"WARNING","msg":"a"}', '{{ sev }}', 'warn'],
    ['{"sev":50,"msg":"a"}', '{{ sev }}', 'error'],
    ['{"sev":"odd","level":"debug","msg":"a"}', '{{ sev }}', 'debug'],
    ['no word', '{{ path.4 }}', 'error'],
  ])('of %s as %s is %s', (line, levelFrom, level) => {
    expect(recordOf(line, { levelFrom }, '/var/log/shop/error').log.level).toBe(level);
  });
});

describe('a template', () => {
  it.each(['shop', '{{ }}', '{{ a }', '{{ a }} {{', 'a }} {{ b }}', ''])(
    'that cannot be used is an error: %j',
    (text) => {
      expect(() => new FieldTemplate(text)).toThrow(AgentOptionError);
    },
  );
});
