/**
 * The settings of Warren: their shape, their limits and their defaults.
 *
 * Where each setting may come from (variable, flag) is in settings.ts; reading them is load.ts.
 */
import { z } from 'zod';
import { agentSchema } from './agent-schema.js';
import { wholeNumber, yesOrNo } from './value-types.js';

function urlOf(protocols: readonly string[], example: string) {
  return z.string().refine((text) => URL.canParse(text) && protocols.includes(new URL(text).protocol), {
    // The value itself is never repeated: it may hold a password.
    message: `must be an address such as ${example}`,
  });
}

/** Words, also as the text of a variable or a flag, with commas between them. */
function list(message: string) {
  return z.preprocess(
    (value) => (typeof value === 'string' ? value.split(',').map((one) => one.trim()) : value),
    z.array(z.string(message).min(1, message), message).min(1, message),
  );
}

const file = z.string().min(1, 'must be a file').optional();
const port = (byDefault: number) => wholeNumber(0, 65_535).default(byDefault);
const word = z.string().regex(/^[a-z0-9_-]{1,100}$/, 'must be 1 to 100 characters of a-z, 0-9, _ and -');

/** The schema of warren.yaml. */
export const configurationSchema = z.strictObject({
  host: z.string().min(1, 'must be an address to listen on').default('127.0.0.1'),
  dataDirectory: z.string().min(1, 'must be a directory').default('warren-data'),
  environment: word.default('default'),
  log: z.strictObject({
    level: z
      .enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'], {
        error: 'must be one of trace, debug, info, warn, error, fatal, silent',
      })
      .default('info'),
    format: z.enum(['pretty', 'json'], { error: 'must be one of pretty, json' }).default('pretty'),
    publish: yesOrNo(true),
  }),
  broker: z.strictObject({
    url: urlOf(['amqp:', 'amqps:'], 'amqp://user:password@host:5672').optional(),
    port: port(5672),
    tls: z.strictObject({
      port: port(5671),
      certificate: file,
      key: file,
      passphrase: z.string().optional(),
      authority: file,
      verifyPeer: yesOrNo(false),
      failIfNoPeerCertificate: yesOrNo(false),
      depth: wholeNumber(0, 100).optional(),
      loginFrom: z
        .enum(['distinguished_name', 'common_name'], {
          error: 'must be one of distinguished_name, common_name',
        })
        .default('distinguished_name'),
      versionMin: z
        .enum(['TLSv1', 'TLSv1.1', 'TLSv1.2', 'TLSv1.3'], {
          error: 'must be one of TLSv1, TLSv1.1, TLSv1.2, TLSv1.3',
        })
        .default('TLSv1.2'),
      ciphers: z.string().min(1, 'must be a list of ciphers').optional(),
    }),
    allowGuestFromAnywhere: yesOrNo(false),
    allowPlainFromAnywhere: yesOrNo(false),
    connectionsMax: wholeNumber(1, 1_000_000).default(65_536),
    connectionsPerSecondMax: wholeNumber(0, 1_000_000).default(1000),
    drainMsMax: wholeNumber(0, 3_600_000).default(2000),
    passwordHashing: z
      .enum(['scrypt', 'sha256', 'sha512'], { error: 'must be one of scrypt, sha256, sha512' })
      .default('scrypt'),
    oauth: z.strictObject({
      resourceServerId: z.string().min(1, 'must be a name').optional(),
      issuer: z.string().min(1, 'must be an address').optional(),
      jwksUrl: z.string().min(1, 'must be an address').optional(),
      scopePrefix: z.string().optional(),
      additionalScopesKey: z.string().min(1, 'must be the name of a claim').optional(),
      preferredUsernameClaims: list('must be names of claims').optional(),
      algorithms: list('must be names of algorithms').optional(),
      verifyAudience: yesOrNo(true),
    }),
  }),
  management: z.strictObject({
    port: port(15_672),
    tlsPort: port(15_671),
    definitions: file,
    url: urlOf(['http:', 'https:'], 'https://user@host:15671').optional(),
    authority: z.string().min(1, 'must be a file').optional(),
  }),
  store: z.strictObject({
    port: port(9200),
    memoryMebibytesMax: wholeNumber(64, 1_048_576).default(1024),
  }),
  elasticsearch: z.strictObject({
    url: urlOf(['http:', 'https:'], 'http://host:9200').optional(),
  }),
  collector: z.strictObject({
    prefetch: wholeNumber(1, 65_535).default(4000),
    batchCountMax: wholeNumber(1, 100_000).default(1000),
    batchBytesMax: wholeNumber(1024, 104_857_600).default(5_242_880),
    batchAgeMsMax: wholeNumber(1, 60_000).default(200),
  }),
  agent: agentSchema,
  console: z.strictObject({ port: port(5601) }),
});

/** Every setting with its value in force. */
export type Configuration = z.output<typeof configurationSchema>;
