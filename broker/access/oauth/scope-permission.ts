/**
 * What a scope of a token allows: `<permission>:<virtual host>/<name>` or with `/<routing key>` besides,
 * each with `*` for anything and percent-encoding for what would not be itself, as RabbitMQ's plugin
 * reads them.
 */
import type { Permission } from '../../transport/gate.js';

export interface ScopePermission {
  readonly permission: Permission;
  readonly virtualHost: string;
  readonly name: string;
  /** Undefined where a scope does not say: then it allows nothing on topic exchanges' routing keys. */
  readonly routingKey: string | undefined;
}

/** Reads a scope without its prefix; undefined where it is no permission. */
export function parseScope(scope: string): ScopePermission | undefined {
  const match = /^(configure|write|read):([\s\S]*)$/.exec(scope);
  if (match === null) return undefined;
  const [virtualHost, name, routingKey, ...rest] = (match[2] as string).split('/');
  if (virtualHost === undefined || name === undefined || rest.length > 0) return undefined;
  return { permission: match[1] as Permission, virtualHost, name, routingKey };
}

/**
 * Puts into a scope what it leaves open: `{vhost}` is the virtual host that is asked about, any other name
 * in braces that claim of the token where it is a text, else the name. What is put in stands for itself:
 * a user called `*` gets no more than any other.
 */
export function expandScope(
  scope: string,
  virtualHost: string,
  claims: Readonly<Record<string, unknown>>,
): string {
  return scope.replaceAll(/\{([^{}.*]*)\}/g, (_, name: string) => {
    if (name === 'vhost') return encodePattern(virtualHost);
    const value = Object.hasOwn(claims, name) ? claims[name] : undefined;
    return encodePattern(typeof value === 'string' ? value : name);
  });
}

function encodePattern(text: string): string {
  return encodeURIComponent(text).replaceAll('*', '%2A');
}

/**
 * Whether a pattern matches the whole of a subject. A part between two `*` is taken where it first comes,
 * and is not looked for again if what follows then does not fit, which is RabbitMQ's way, too: the same
 * token opens the same doors.
 */
export function matchesWildcard(subject: string, pattern: string): boolean {
  const bytes = Buffer.from(subject).toString('latin1');
  const parts = decodeParts(pattern);
  if (parts === undefined) return false;
  const [first = '', ...rest] = parts;
  if (!bytes.startsWith(first)) return false;
  let position = first.length;
  for (const [index, part] of rest.entries()) {
    const isLast = index === rest.length - 1;
    if (part === '' && isLast) return true;
    if (position === bytes.length) return false;
    if (part === '') continue;
    const found = bytes.indexOf(part, position);
    if (found < 0) return false;
    position = found + part.length;
  }
  return position === bytes.length;
}

/** The parts between `*`, decoded to bytes; undefined where a percent sign is not followed by two digits. */
function decodeParts(pattern: string): string[] | undefined {
  if (/%(?![0-9a-fA-F]{2})/.test(pattern)) return undefined;
  return Buffer.from(pattern)
    .toString('latin1')
    .split('*')
    .map((part) =>
      part
        .replaceAll('+', ' ')
        .replaceAll(/%([0-9a-fA-F]{2})/g, (_, digits: string) =>
          String.fromCharCode(Number.parseInt(digits, 16)),
        ),
    );
}
