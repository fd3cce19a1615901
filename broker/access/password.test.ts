import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { AccessError } from './access-error.js';
import { exportHash, hashPassword, importHash, verifyPassword } from './password.js';

const QUICK = 2;
/** Each "no" costs a derivation. */
const RUNS = 6;

describe('a password hash', () => {
  test.each(['scrypt', 'sha256', 'sha512'] as const)(
    'made by %s fits its password alone',
    async (hashing) => {
      await fc.assert(
        fc.asyncProperty(
          fc.string({ unit: 'binary', minLength: 1 }),
          fc.string(),
          async (password, other) => {
            const hash = await hashPassword(password, hashing, QUICK);
            expect(await verifyPassword(password, hash)).toBe(true);
            expect(await verifyPassword(other, hash)).toBe(other === password);
          },
        ),
        { numRuns: RUNS },
      );
    },
  );

  test.each(['scrypt', 'sha256', 'sha512'] as const)(
    'made by %s survives export and import',
    async (hashing) => {
      const hash = await hashPassword('päss', hashing, QUICK);
      const { passwordHash, hashingAlgorithm } = exportHash(hash);
      expect(hashingAlgorithm).toBe(`rabbit_password_hashing_${hashing}`);
      expect(Buffer.from(passwordHash, 'base64').toString('base64')).toBe(passwordHash);
      expect(importHash(passwordHash, hashingAlgorithm)).toBe(hash);
    },
  );

  test('is salted: the same password never has the same hash', async () => {
    for (const hashing of ['scrypt', 'sha256', 'sha512'] as const) {
      expect(await hashPassword('same', hashing, QUICK)).not.toBe(await hashPassword('same', hashing, QUICK));
    }
  });

  test('made by MD5, as RabbitMQ did before 3.6, is checked, though none is made', async () => {
    // 1, 2, 3, 4, and the digest of these and the password.
    const hash = importHash('AQIDBDgk9ci8Lfh6CKE9Y0AUfmU=', 'rabbit_password_hashing_md5');
    expect(await verifyPassword('secret', hash)).toBe(true);
    expect(await verifyPassword('wrong', hash)).toBe(false);
    expect(exportHash(hash).hashingAlgorithm).toBe('rabbit_password_hashing_md5');
  });

  test('without an algorithm is SHA-256’s', () => {
    expect(importHash('AAAA')).toBe('rabbit_password_hashing_sha256$AAAA');
  });

  test('that is empty fits no password, not even the empty one', async () => {
    expect(importHash('')).toBe('');
    expect(exportHash('')).toEqual({ passwordHash: '', hashingAlgorithm: 'rabbit_password_hashing_sha256' });
    expect(await verifyPassword('', '')).toBe(false);
    expect(await verifyPassword('', await hashPassword('', 'sha256'))).toBe(false);
    expect(await verifyPassword('', await hashPassword('', 'scrypt', QUICK))).toBe(false);
  });

  test('of an unknown algorithm, or that is no base64, is refused in RabbitMQ’s words', () => {
    expect(() => importHash('!!')).toThrow(new AccessError(['not_base64', '!!']));
    expect(() => importHash('AAAA', 'rabbit_password_hashing_rot13')).toThrow(
      'hashing algorithm rabbit_password_hashing_rot13 is not supported',
    );
    expect(() => importHash('AAAA', '__proto__')).toThrow('hashing algorithm __proto__ is not supported');
    expect(() => importHash('AAAA', 'rabbit_password_hashing_scrypt')).toThrow('not a hash made by scrypt');
  });

  test('that would take too much memory or time to check is refused', () => {
    const key = Buffer.alloc(32).toString('base64');
    for (const parameters of ['1048576$8$1', '16384$999$1', '16384$8$99', '3$8$1', '0$8$1']) {
      const hash = Buffer.from(`scrypt$${parameters}$AAAA$${key}`).toString('base64');
      expect(() => importHash(hash, 'rabbit_password_hashing_scrypt')).toThrow('not a hash made by scrypt');
    }
  });

  test('may be any text: none that is no hash makes the check fail otherwise than by saying no', async () => {
    const damaged = fc.oneof(
      fc.string(),
      fc.string().map((text) => `scrypt$2$8$1$${text}`),
      fc.string().map((text) => `rabbit_password_hashing_sha256$${text}`),
      fc.constantFrom('$', '$$$$$', 'scrypt', 'rabbit_password_hashing_sha512$', 'constructor$AAAA'),
    );
    await fc.assert(
      fc.asyncProperty(damaged, async (hash) => {
        expect(await verifyPassword('guess', hash)).toBe(false);
      }),
      { numRuns: RUNS },
    );
  });
});

describe('saying no', () => {
  /** Of all threads, so that what else the machine does plays no part. */
  async function cpuMs(hash: string): Promise<number> {
    const before = process.cpuUsage();
    await verifyPassword('guess', hash);
    const { user, system } = process.cpuUsage(before);
    return (user + system) / 1000;
  }

  test('takes as much work for a user who is not there, or whose hash is quick, as for any', async () => {
    const hashes = [
      await hashPassword('secret'),
      '',
      await hashPassword('secret', 'sha256'),
      await hashPassword('secret', 'scrypt', QUICK),
    ];
    const least = hashes.map(() => Number.POSITIVE_INFINITY);
    for (let round = 0; round < 7; round++) {
      for (const [index, hash] of hashes.entries()) {
        least[index] = Math.min(least[index] as number, await cpuMs(hash));
      }
    }
    const [usual = 0, ...others] = least;
    for (const other of others) {
      expect(other).toBeGreaterThan(usual * 0.6);
      expect(other).toBeLessThan(usual * 1.7);
    }
  });
});
