import { describe, expect, it } from 'vitest';
import { isLevel, parseRoutingKey, routingKey, serviceWord } from './record.js';

describe('routing key', () => {
  it('is app, the service and the level', () => {
    expect(routingKey('order', 'error')).toBe('app.order.error');
  });

  it('replaces what a word may not hold, so that a service never adds words to the key', () => {
    expect(serviceWord('Order.API v2/#*')).toBe('order-api-v2---');
    expect(serviceWord('')).toBe('unknown');
    expect(serviceWord('x'.repeat(500))).toHaveLength(240);
  });

  it('is read back into its parts', () => {
    expect(parseRoutingKey('app.order.error')).toEqual({ service: 'order', level: 'error' });
  });

  it.each(['app.order', 'app.order.loud', 'web.order.error', 'app.a.b.error', 'app..error', ''])(
    'is not recognised in %j',
    (key) => {
      expect(parseRoutingKey(key)).toBeUndefined();
    },
  );

  it('knows its levels', () => {
    expect(isLevel('fatal')).toBe(true);
    expect(isLevel('FATAL')).toBe(false);
    expect(isLevel(30)).toBe(false);
  });
});
