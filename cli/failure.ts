/**
 * From an error to the one line a person reads and the exit code a script reads.
 *
 * What is expected to go wrong (a taken port, a directory that cannot be written, a bad setting, a
 * broker that is away) gets a line that says what and what to do. Anything else is a bug of ours and
 * keeps its stack.
 */
import { portHolder } from './port-holder.js';

/** Exit codes, for scripts. The last three are those of commands to a broker's management interface. */
export const EXIT = { ok: 0, failed: 1, usage: 2, unreachable: 3, refused: 4, absent: 5 } as const;

/** A setting, an argument or a file that the user has to mend. Exit code 2. */
export class UsageError extends Error {
  readonly code = 'ERR_WARREN_USAGE';
}

/** Something outside that is not as it has to be. Its message is a whole line. */
export class OperatingError extends Error {
  readonly code = 'ERR_WARREN_OPERATING';
  readonly exitCode: number;

  constructor(message: string, options: ErrorOptions & { exitCode?: number } = {}) {
    super(message, options);
    this.exitCode = options.exitCode ?? EXIT.failed;
  }
}

/** What a person is told, and what a script. */
export interface Failure {
  message: string;
  exitCode: number;
}

/** A setting by which a listening port can be chosen otherwise. */
export interface PortSetting {
  port: number;
  variable: string;
  flag: string;
}

/** Turns any thrown value into a {@link Failure}. `ports` names the settings behind listening ports. */
export function explainFailure(error: unknown, ports: () => readonly PortSetting[] = () => []): Failure {
  if (!(error instanceof Error)) return { message: String(error), exitCode: EXIT.failed };
  if (error instanceof UsageError) return { message: error.message, exitCode: EXIT.usage };
  if (error instanceof OperatingError) return { message: error.message, exitCode: error.exitCode };
  const { port } = error as { port?: number };
  const setting = port === undefined ? undefined : ports().find((candidate) => candidate.port === port);
  const known = explainSystem(error, setting) ?? explainNative(error) ?? explainOwn(error);
  return { message: known ?? `unexpected error\n${error.stack ?? error.message}`, exitCode: EXIT.failed };
}

function explainOwn(error: Error): string | undefined {
  const { code } = error as NodeJS.ErrnoException;
  return code?.startsWith('ERR_WARREN_') ? error.message : undefined;
}

function explainSystem(
  error: NodeJS.ErrnoException & { port?: number; address?: string },
  setting?: PortSetting,
) {
  const choose = setting ? ` or choose another with ${setting.variable} or ${setting.flag}` : '';
  switch (error.code) {
    case 'EADDRINUSE': {
      const holder = error.port === undefined ? undefined : portHolder(error.port);
      return `port ${error.port} is taken${holder ? ` by ${holder}` : ''}; stop it${choose}`;
    }
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
      return error.syscall === 'listen' || error.syscall === 'getaddrinfo'
        ? `this machine has no address ${error.address ?? (error as { hostname?: string }).hostname ?? ''} to listen on; choose another with WARREN_HOST or --host`
        : undefined;
    case 'EACCES':
    case 'EPERM':
    case 'EROFS':
      return error.syscall === 'listen'
        ? `port ${error.port} may not be opened by this user; run with more rights${choose}`
        : directoryAdvice(error, 'may not be written by this user');
    case 'ENOTDIR':
    case 'EEXIST':
      return directoryAdvice(error, 'is no directory');
    case 'ENOSPC':
      return 'the disk is full; make room and start again';
    case 'EMFILE':
      return 'too many open files; raise the limit (ulimit -n) and start again';
    default:
      return undefined;
  }
}

function directoryAdvice(error: NodeJS.ErrnoException, what: string): string {
  return `${error.path ?? 'the data directory'} ${what}; choose another directory with WARREN_DATA_DIR or --data-dir`;
}

/** A native part that was compiled for another Node, or could not be compiled at install. */
function explainNative(error: NodeJS.ErrnoException): string | undefined {
  const native = /better[-_]sqlite3|duckdb/.test(error.message);
  const broken =
    error.code === 'ERR_DLOPEN_FAILED' ||
    error.code === 'MODULE_NOT_FOUND' ||
    /bindings file/.test(error.message);
  return native && broken ? NATIVE_ADVICE : undefined;
}

const NATIVE_ADVICE =
  'better-sqlite3 is not built for this Node; install python3, make and g++ ' +
  '(Debian: apt-get install python3 make g++) and run npm rebuild better-sqlite3';
