/** Tells the audit log what was asked for over HTTP that is no mere look, and what came of it. */
import type { AuditedAction } from '../access/audit.js';
import type { ManagementRequest } from './request.js';
import type { Resource } from './resource.js';

const VERBS: ReadonlyMap<string, string> = new Map([
  ['PUT', 'put'],
  ['POST', 'post'],
  ['DELETE', 'delete'],
]);

/** Notes who asked for what. */
export function note(
  asked: ManagementRequest,
  method: string,
  { path }: Resource,
  outcome: AuditedAction['outcome'],
  reason?: string,
): void {
  if (asked.isRead) return;
  const { identity, remoteAddress, broker, virtualHostName } = asked;
  const [, kind = '', ...rest] = path.split('/');
  broker.access.audit.record({
    actor: { user: identity.user, address: remoteAddress, through: 'http' },
    verb: rest.find((part) => !part.startsWith(':')) ?? VERBS.get(method) ?? method,
    kind,
    name: rest
      .filter((part) => part.startsWith(':'))
      .map((part) => asked.parameter(part.slice(1)))
      .join(' '),
    virtualHost: virtualHostName,
    outcome,
    reason,
  });
}
