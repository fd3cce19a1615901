/** `warren broker hash-password`: asks no broker. */
import { createHash, randomBytes } from 'node:crypto';
import { Command } from 'commander';
import { UsageError } from '../../failure.js';
import { printLine } from '../../management/management-command.js';
import { PASSWORD_OPTION, userSecret } from '../../management/secret.js';

/** RabbitMQ's names of its hashing algorithms, by their short ones. */
const ALGORITHMS: Readonly<Record<string, string>> = {
  sha256: 'rabbit_password_hashing_sha256',
  sha512: 'rabbit_password_hashing_sha512',
};
const SALT_BYTES = 4;

/** For commander. */
export const HASHING_OPTION = [
  '--hashing-algorithm <name>',
  'of the hash: sha256 or sha512',
  'sha256',
] as const;

/** @throws UsageError for a short name that is none */
export function hashingAlgorithm(name: string): string {
  const algorithm = ALGORITHMS[name];
  if (algorithm === undefined) throw new UsageError('--hashing-algorithm: must be sha256 or sha512');
  return algorithm;
}

export function hashPasswordCommand(): Command {
  return new Command('hash-password')
    .alias('hash_password')
    .description("make a password's hash in RabbitMQ's format, for a definitions file; asks no broker")
    .option(...PASSWORD_OPTION)
    .option(...HASHING_OPTION)
    .addHelpText(
      'after',
      '\nExample:\n  warren broker hash-password --password-file /run/secrets/shop-service',
    )
    .action(async (flags: { passwordFile?: string; hashingAlgorithm: string }) => {
      hashingAlgorithm(flags.hashingAlgorithm);
      const password = await userSecret('Password', { passwordFile: flags.passwordFile, twice: true });
      const salt = randomBytes(SALT_BYTES);
      const digest = createHash(flags.hashingAlgorithm).update(salt).update(password, 'utf8').digest();
      printLine(Buffer.concat([salt, digest]).toString('base64'));
    });
}
