import { pino } from 'pino';
import { describe, expect, test } from 'vitest';
import { AuditLog } from './audit.js';

const OPERATOR = { user: 'admin', address: '127.0.0.1', through: 'http' } as const;

function recorded(): { audit: AuditLog; lines: Record<string, unknown>[] } {
  const lines: Record<string, unknown>[] = [];
  const log = pino({ base: null }, { write: (line: string) => lines.push(JSON.parse(line)) });
  return { audit: new AuditLog(log), lines };
}

describe('the audit log', () => {
  test('says who did what, from where, and what came of it', () => {
    const { audit, lines } = recorded();
    audit.record({ actor: OPERATOR, verb: 'create', kind: 'user', name: 'orders', outcome: 'done' });
    audit.record({
      actor: OPERATOR,
      verb: 'delete',
      kind: 'queue',
      name: 'q',
      virtualHost: '/',
      outcome: 'refused',
      reason: 'access refused',
    });
    expect(lines).toMatchObject([
      { level: 30, component: 'audit', actor: OPERATOR, verb: 'create', kind: 'user', name: 'orders' },
      { level: 40, component: 'audit', verb: 'delete', virtualHost: '/', outcome: 'refused' },
    ]);
    expect(audit.recent().map(({ verb }) => verb)).toEqual(['delete', 'create']);
    expect(audit.recent(1)[0]?.at).toMatch(/^\d{4}-\d\d-\d\dT/);
  });

  test('keeps out whatever else it is handed: no password, hash or token gets in', () => {
    const { audit, lines } = recorded();
    const user = { actor: { ...OPERATOR, token: 'SECRET' }, verb: 'create', kind: 'user', name: 'orders' };
    const action = { ...user, outcome: 'done' as const, password: 'SECRET', password_hash: 'SECRET' };
    audit.record(action);
    expect(JSON.stringify([lines, audit.recent()])).not.toContain('SECRET');
  });

  test('keeps the newest thousand, newest first, and long names cut', () => {
    const { audit } = recorded();
    for (let number = 0; number < 2_500; number++) {
      const name = `${number} ${'x'.repeat(5_000)}`;
      audit.record({ actor: OPERATOR, verb: 'purge', kind: 'queue', name, outcome: 'done' });
    }
    const recent = audit.recent();
    expect(recent.length).toBe(1_000);
    expect(recent[0]?.name).toMatch(/^2499 x{1019}…$/);
    expect(recent.at(-1)?.name).toMatch(/^1500 /);
    expect(audit.recent(2).map(({ name }) => name.split(' ')[0])).toEqual(['2499', '2498']);
  });
});
