/**
 * Password hashes. Our own are scrypt's with a salt of their own for each and the parameters in the
 * hash; RabbitMQ's are SHA-256, SHA-512 or (of old) MD5 of four bytes of salt and the password, and are
 * made as well where definitions have to go to RabbitMQ.
 *
 * As text: `scrypt$cost$block$parallelism$salt$key`, or RabbitMQ's name of the algorithm, `$` and its
 * base64; nothing where no password fits.
 */
import { createHash, randomBytes, type ScryptOptions, scrypt, timingSafeEqual } from 'node:crypto';
import { AccessError } from './access-error.js';
import { Slots } from './slots.js';

/** What new passwords are hashed by. */
export type PasswordHashing = 'scrypt' | 'sha256' | 'sha512';

/** A hash as RabbitMQ's definitions have it. */
export interface ExportedHash {
  readonly passwordHash: string;
  readonly hashingAlgorithm: string;
}

/** A hash that no password has. */
export const NO_PASSWORD = '';

/** Of passwords that are worth guessing. */
const COST = 16_384;
const BLOCK_SIZE = 8;
const PARALLELISM = 1;
const KEY_BYTES = 32;
const SALT_BYTES = 16;
const RABBITMQ_SALT_BYTES = 4;
/** Of one derivation, whoever chose its parameters. */
const MEMORY_BYTES_MAX = 64 * 1024 * 1024;
const PARALLELISM_MAX = 16;

const SCRYPT = 'rabbit_password_hashing_scrypt';
const DEFAULT_ALGORITHM = 'rabbit_password_hashing_sha256';
const DIGESTS: Readonly<Record<string, string>> = {
  rabbit_password_hashing_sha256: 'sha256',
  rabbit_password_hashing_sha512: 'sha512',
  rabbit_password_hashing_md5: 'md5',
};

/** Derivations take a thread and 16 MiB each: a crowd at the door must not take them all. */
const derivations = new Slots(2);

async function derive(password: string, salt: Buffer, options: ScryptOptions): Promise<Buffer> {
  return derivations.run(
    () =>
      new Promise((resolve, reject) => {
        const bounded = { ...options, maxmem: MEMORY_BYTES_MAX };
        scrypt(password, salt, KEY_BYTES, bounded, (error, key) => (error ? reject(error) : resolve(key)));
      }),
  );
}

/** Hashes a password with a new salt; the cost is scrypt's. */
export async function hashPassword(
  password: string,
  hashing: PasswordHashing = 'scrypt',
  cost = COST,
): Promise<string> {
  if (hashing !== 'scrypt') {
    const salt = randomBytes(RABBITMQ_SALT_BYTES);
    const hash = Buffer.concat([salt, saltedDigest(hashing, salt, password)]);
    return `rabbit_password_hashing_${hashing}$${hash.toString('base64')}`;
  }
  const salt = randomBytes(SALT_BYTES);
  const key = await derive(password, salt, { N: cost, r: BLOCK_SIZE, p: PARALLELISM });
  return ['scrypt', cost, BLOCK_SIZE, PARALLELISM, salt.toString('base64'), key.toString('base64')].join('$');
}

function saltedDigest(digest: string, salt: Buffer, password: string): Buffer {
  return createHash(digest).update(salt).update(password).digest();
}

/**
 * Whether a password is the one that was hashed; the empty one never is.
 *
 * A "no" takes the time of a derivation whatever the hash, so that it does not tell whose it is or
 * whether there is one.
 */
export async function verifyPassword(password: string, hash: string): Promise<boolean> {
  const parameters = scryptParameters(hash);
  if (parameters === undefined) {
    if (password !== '' && matchesDigest(password, hash)) return true;
    await derive(password, Buffer.alloc(SALT_BYTES), { N: COST, r: BLOCK_SIZE, p: PARALLELISM });
    return false;
  }
  const { salt, key, options } = parameters;
  const derived = await derive(password, salt, options);
  if (password !== '' && timingSafeEqual(derived, key)) return true;
  if ((options.N as number) < COST) await verifyPassword(password, NO_PASSWORD);
  return false;
}

function matchesDigest(password: string, hash: string): boolean {
  const [algorithm = '', encoded = ''] = hash.split('$');
  const digest = digestOf(algorithm);
  if (digest === undefined) return false;
  const bytes = Buffer.from(encoded, 'base64');
  const expected = bytes.subarray(RABBITMQ_SALT_BYTES);
  const actual = saltedDigest(digest, bytes.subarray(0, RABBITMQ_SALT_BYTES), password);
  return actual.length === expected.length && timingSafeEqual(actual, expected);
}

function digestOf(algorithm: string): string | undefined {
  return Object.hasOwn(DIGESTS, algorithm) ? DIGESTS[algorithm] : undefined;
}

interface ScryptParameters {
  readonly salt: Buffer;
  readonly key: Buffer;
  readonly options: ScryptOptions;
}

/** What a hash of scrypt's is made of; undefined for any other, or one that would take too much to check. */
function scryptParameters(hash: string): ScryptParameters | undefined {
  const match = /^scrypt\$(\d{1,7})\$(\d{1,3})\$(\d{1,2})\$([A-Za-z0-9+/=]+)\$([A-Za-z0-9+/=]+)$/.exec(hash);
  if (match === null) return undefined;
  const [, cost, block, lanes] = match.map(Number) as [number, number, number, number];
  const key = Buffer.from(match[5] as string, 'base64');
  const isPower = cost > 1 && (cost & (cost - 1)) === 0;
  if (!isPower || block < 1 || lanes < 1 || lanes > PARALLELISM_MAX || key.length !== KEY_BYTES)
    return undefined;
  // A little less, for OpenSSL counts its own blocks as well.
  if (128 * block * (cost + lanes + 2) > MEMORY_BYTES_MAX) return undefined;
  return { salt: Buffer.from(match[4] as string, 'base64'), key, options: { N: cost, r: block, p: lanes } };
}

/** A hash as it stands in definitions: what RabbitMQ makes it can read, ours it takes in but cannot check. */
export function exportHash(hash: string): ExportedHash {
  if (hash === NO_PASSWORD) return { passwordHash: '', hashingAlgorithm: DEFAULT_ALGORITHM };
  const [algorithm = '', encoded = ''] = hash.split('$');
  if (algorithm !== 'scrypt') return { passwordHash: encoded, hashingAlgorithm: algorithm };
  return { passwordHash: Buffer.from(hash).toString('base64'), hashingAlgorithm: SCRYPT };
}

/**
 * Takes a hash out of definitions; without an algorithm it is SHA-256's, as for RabbitMQ since 3.6.
 *
 * @throws AccessError when it is no base64, or of an algorithm that is not known
 */
export function importHash(passwordHash: string, algorithm = DEFAULT_ALGORITHM): string {
  if (!/^[A-Za-z0-9+/]*={0,2}$/.test(passwordHash) || passwordHash.length % 4 !== 0) {
    throw new AccessError(['not_base64', passwordHash]);
  }
  if (passwordHash === '') return NO_PASSWORD;
  if (digestOf(algorithm) !== undefined) return `${algorithm}$${passwordHash}`;
  if (algorithm !== SCRYPT) throw new AccessError(`hashing algorithm ${algorithm} is not supported`);
  const hash = Buffer.from(passwordHash, 'base64').toString();
  if (scryptParameters(hash) === undefined)
    throw new AccessError('password_hash is not a hash made by scrypt');
  return hash;
}
