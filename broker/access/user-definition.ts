/** A user as RabbitMQ's management API and its definitions describe one, read. */
import { AccessError } from './access-error.js';
import { hashPassword, importHash, NO_PASSWORD, type PasswordHashing } from './password.js';
import type { PermissionPatterns } from './permissions.js';
import { tagsOf } from './users.js';

export interface UserDefinition {
  /** As password.ts makes it. */
  readonly hash: string;
  readonly tags: readonly string[];
  /** Limits to set besides those there are; not checked. */
  readonly limits: unknown;
  /** By virtual host, for a new user; not checked. */
  readonly permissions: Readonly<Record<string, PermissionPatterns>>;
}

/** Longer passwords are refused. */
const PASSWORD_BYTES_MAX = 4096;

/**
 * Reads a user: `tags` (a list, or a text with commas) or of old `administrator`, `password` or
 * `password_hash` with `hashing_algorithm` or neither, `limits`, `permissions`.
 *
 * Rejects with an AccessError when it is none.
 */
export async function readUserDefinition(
  body: Readonly<Record<string, unknown>>,
  hashing: PasswordHashing,
): Promise<UserDefinition> {
  const tags = readTags(body);
  const hash = await readHash(body, hashing);
  return { hash, tags, limits: body['limits'], permissions: readPermissions(body['permissions']) };
}

function readTags({ tags, administrator }: Readonly<Record<string, unknown>>): readonly string[] {
  if (tags === undefined) {
    if (administrator === undefined) throw new AccessError('tags_not_present');
    return administrator === true || administrator === 'true' ? ['administrator'] : [];
  }
  if (typeof tags === 'string') return tagsOf(tags);
  const isList = Array.isArray(tags) && tags.every((tag) => ['string', 'number'].includes(typeof tag));
  if (!isList) throw new AccessError('tags should be a list or a comma-separated string');
  return tagsOf(tags.join(','));
}

function readHash(
  body: Readonly<Record<string, unknown>>,
  hashing: PasswordHashing,
): string | Promise<string> {
  const password = textOf(body, 'password');
  const passwordHash = body['password_hash'];
  const algorithm = textOf(body, 'hashing_algorithm');
  if (password !== undefined && passwordHash !== undefined) {
    throw new AccessError('both_password_and_password_hash_are_provided');
  }
  if (passwordHash !== undefined) {
    if (typeof passwordHash !== 'string') throw new AccessError(['not_base64', passwordHash]);
    return importHash(passwordHash, algorithm);
  }
  if (password === undefined || password === '') return NO_PASSWORD;
  if (Buffer.byteLength(password) > PASSWORD_BYTES_MAX) {
    throw new AccessError(`password should be ${PASSWORD_BYTES_MAX} bytes at most`);
  }
  return hashPassword(password, hashing);
}

function textOf(body: Readonly<Record<string, unknown>>, name: string): string | undefined {
  const value = body[name];
  if (value === undefined) return undefined;
  if (typeof value !== 'string') throw new AccessError(`${name} should be a string`);
  return value;
}

function readPermissions(value: unknown): Readonly<Record<string, PermissionPatterns>> {
  if (value === undefined) return {};
  const isMap = typeof value === 'object' && value !== null && !Array.isArray(value);
  if (
    !isMap ||
    !Object.values(value).every((patterns) => typeof patterns === 'object' && patterns !== null)
  ) {
    throw new AccessError('permissions should be an object of virtual hosts');
  }
  return value as Readonly<Record<string, PermissionPatterns>>;
}
