/**
 * Where each setting may come from: its place in warren.yaml, its environment variables and its flag.
 */

/** One setting. */
export interface Setting {
  /** Its place in warren.yaml, from the outside in. */
  path: readonly string[];
  /** Its environment variables; the first that is set counts. */
  variables: readonly [string, ...string[]];
  /** Its long flag, without a value. */
  flag: string;
  /** How the flag's value is called in `--help`. */
  value: string;
  /** Half a line for `--help`. */
  about: string;
  /** It may hold a password: shown without it, and readable from a file named by `<variable>_FILE`. */
  secret?: true;
}

/** All settings, in the order in which `warren config` prints them. */
export const SETTINGS: readonly Setting[] = [
  {
    path: ['host'],
    variables: ['WARREN_HOST'],
    flag: '--host',
    value: 'address',
    about: 'the address to listen on',
  },
  {
    path: ['dataDirectory'],
    variables: ['WARREN_DATA_DIR'],
    flag: '--data-dir',
    value: 'directory',
    about: 'where messages, logs and checkpoints are kept',
  },
  {
    path: ['environment'],
    variables: ['WARREN_ENVIRONMENT'],
    flag: '--environment',
    value: 'name',
    about: 'the environment of records that name none',
  },
  {
    path: ['log', 'level'],
    variables: ['WARREN_LOG_LEVEL'],
    flag: '--log-level',
    value: 'level',
    about: "the least severe of Warren's own logs to keep",
  },
  {
    path: ['broker', 'url'],
    variables: ['WARREN_BROKER_URL'],
    flag: '--broker-url',
    value: 'url',
    about: 'a RabbitMQ to use instead of the embedded broker',
    secret: true,
  },
  {
    path: ['broker', 'port'],
    variables: ['WARREN_AMQP_PORT', 'WARREN_BROKER_PORT'],
    flag: '--amqp-port',
    value: 'port',
    about: 'the port of the embedded broker',
  },
  {
    path: ['broker', 'tls', 'port'],
    variables: ['WARREN_AMQPS_PORT', 'WARREN_BROKER_TLS_PORT'],
    flag: '--amqps-port',
    value: 'port',
    about: "the embedded broker's port for TLS, where it has a certificate",
  },
  {
    path: ['broker', 'tls', 'certificate'],
    variables: ['WARREN_BROKER_TLS_CERTIFICATE'],
    flag: '--tls-certificate',
    value: 'file',
    about: 'its certificate and what leads to the root, in PEM',
  },
  {
    path: ['broker', 'tls', 'key'],
    variables: ['WARREN_BROKER_TLS_KEY'],
    flag: '--tls-key',
    value: 'file',
    about: "the certificate's key, in PEM",
  },
  {
    path: ['broker', 'tls', 'passphrase'],
    variables: ['WARREN_BROKER_TLS_PASSPHRASE'],
    flag: '--tls-passphrase',
    value: 'text',
    about: 'of the key, where that is encrypted',
    secret: true,
  },
  {
    path: ['broker', 'tls', 'authority'],
    variables: ['WARREN_BROKER_TLS_AUTHORITY'],
    flag: '--tls-authority',
    value: 'file',
    about: "the authorities that clients' certificates are checked against, in PEM",
  },
  {
    path: ['broker', 'tls', 'verifyPeer'],
    variables: ['WARREN_BROKER_TLS_VERIFY_PEER'],
    flag: '--tls-verify-peer',
    value: 'true|false',
    about: 'ask clients for a certificate, and refuse one that no authority vouches for',
  },
  {
    path: ['broker', 'tls', 'failIfNoPeerCertificate'],
    variables: ['WARREN_BROKER_TLS_FAIL_IF_NO_PEER_CERTIFICATE'],
    flag: '--tls-fail-if-no-peer-certificate',
    value: 'true|false',
    about: 'refuse clients that show no certificate',
  },
  {
    path: ['broker', 'tls', 'depth'],
    variables: ['WARREN_BROKER_TLS_DEPTH'],
    flag: '--tls-depth',
    value: 'count',
    about: "authorities between a client's certificate and its root at most",
  },
  {
    path: ['broker', 'tls', 'loginFrom'],
    variables: ['WARREN_BROKER_TLS_LOGIN_FROM'],
    flag: '--tls-login-from',
    value: 'name',
    about: 'the name that EXTERNAL logs in by: distinguished_name or common_name',
  },
  {
    path: ['broker', 'tls', 'versionMin'],
    variables: ['WARREN_BROKER_TLS_VERSION_MIN'],
    flag: '--tls-version-min',
    value: 'version',
    about: 'the oldest version of TLS that is spoken',
  },
  {
    path: ['broker', 'tls', 'ciphers'],
    variables: ['WARREN_BROKER_TLS_CIPHERS'],
    flag: '--tls-ciphers',
    value: 'list',
    about: "the ciphers that are spoken, in OpenSSL's notation",
  },
  {
    path: ['broker', 'allowGuestFromAnywhere'],
    variables: ['WARREN_BROKER_ALLOW_GUEST_FROM_ANYWHERE'],
    flag: '--allow-guest-from-anywhere',
    value: 'true|false',
    about: 'listen beyond this machine although the user guest is there',
  },
  {
    path: ['broker', 'allowPlainFromAnywhere'],
    variables: ['WARREN_BROKER_ALLOW_PLAIN_FROM_ANYWHERE'],
    flag: '--allow-plain-from-anywhere',
    value: 'true|false',
    about: 'listen beyond this machine without TLS',
  },
  {
    path: ['broker', 'connectionsMax'],
    variables: ['WARREN_BROKER_CONNECTIONS_MAX'],
    flag: '--connections-max',
    value: 'count',
    about: 'connections of the embedded broker at most',
  },
  {
    path: ['broker', 'connectionsPerSecondMax'],
    variables: ['WARREN_BROKER_CONNECTIONS_PER_SECOND_MAX'],
    flag: '--connections-per-second-max',
    value: 'count',
    about: 'connections that may come in a second; the others wait; 0 for no limit',
  },
  {
    path: ['broker', 'drainMsMax'],
    variables: ['WARREN_BROKER_DRAIN_MS_MAX'],
    flag: '--drain-ms-max',
    value: 'milliseconds',
    about: 'how long the embedded broker waits for what is under way when it stops',
  },
  {
    path: ['management', 'port'],
    variables: ['WARREN_MANAGEMENT_PORT'],
    flag: '--management-port',
    value: 'port',
    about: "the port of the embedded broker's management API",
  },
  {
    path: ['management', 'url'],
    variables: ['WARREN_MANAGEMENT_URL'],
    flag: '--management-url',
    value: 'url',
    about: "a broker's management API, for the commands of warren broker",
    secret: true,
  },
  {
    path: ['management', 'authority'],
    variables: ['WARREN_MANAGEMENT_AUTHORITY'],
    flag: '--management-authority',
    value: 'file',
    about: 'the certificate of the authority that --management-url is trusted by',
  },
  {
    path: ['store', 'port'],
    variables: ['WARREN_STORE_PORT'],
    flag: '--store-port',
    value: 'port',
    about: 'the port of the embedded store',
  },
  {
    path: ['store', 'memoryMebibytesMax'],
    variables: ['WARREN_STORE_MEMORY'],
    flag: '--store-memory',
    value: 'mebibytes',
    about: 'memory the embedded store may use for queries',
  },
  {
    path: ['elasticsearch', 'url'],
    variables: ['WARREN_ELASTICSEARCH_URL'],
    flag: '--elasticsearch-url',
    value: 'url',
    about: 'an Elasticsearch to use instead of the embedded store',
    secret: true,
  },
  {
    path: ['collector', 'prefetch'],
    variables: ['WARREN_COLLECTOR_PREFETCH'],
    flag: '--prefetch',
    value: 'count',
    about: 'records a collector holds unacked at most',
  },
  {
    path: ['collector', 'batchCountMax'],
    variables: ['WARREN_COLLECTOR_BATCH_COUNT_MAX'],
    flag: '--batch-count-max',
    value: 'count',
    about: 'records in one bulk at most',
  },
  {
    path: ['collector', 'batchBytesMax'],
    variables: ['WARREN_COLLECTOR_BATCH_BYTES_MAX'],
    flag: '--batch-bytes-max',
    value: 'bytes',
    about: 'bytes in one bulk at most',
  },
  {
    path: ['collector', 'batchAgeMsMax'],
    variables: ['WARREN_COLLECTOR_BATCH_AGE_MS_MAX'],
    flag: '--batch-age-ms-max',
    value: 'milliseconds',
    about: 'how long a record waits for its bulk to fill',
  },
  {
    path: ['console', 'port'],
    variables: ['WARREN_CONSOLE_PORT'],
    flag: '--console-port',
    value: 'port',
    about: 'the port of the console',
  },
];

/** The value at a path of nested objects; `undefined` where there is none. */
export function valueAt(root: unknown, path: readonly string[]): unknown {
  let value = root;
  for (const key of path) {
    if (typeof value !== 'object' || value === null) return undefined;
    value = (value as Record<string, unknown>)[key];
  }
  return value;
}

/** The name under which commander keeps a flag's value: `--amqp-port` is `amqpPort`. */
export function flagKey(setting: Setting): string {
  return setting.flag.slice(2).replace(/-([a-z])/g, (_, letter: string) => letter.toUpperCase());
}
