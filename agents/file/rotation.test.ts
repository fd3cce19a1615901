import { describe, expect, it } from 'vitest';
import { isRotationOf } from './rotation.js';

describe('the name of a rotated file', () => {
  it.each([
    'app.log.1',
    'app.log-20260131',
    'app.log_old',
    'app-20260131.log',
    'app.1.log',
    'app.log.2026-01-31.txt',
  ])('may be %s', (name) => {
    expect(isRotationOf(`/logs/${name}`, '/logs/app.log')).toBe(true);
  });

  it.each(['app.log', 'app2.log', 'application.log', 'app-web.log', 'web.log', 'app.txt', 'app.logs'])(
    'is not %s, which is another file',
    (name) => {
      expect(isRotationOf(`/logs/${name}`, '/logs/app.log')).toBe(false);
    },
  );

  it('is in the same directory', () => {
    expect(isRotationOf('/old/app.log.1', '/logs/app.log')).toBe(false);
  });
});
