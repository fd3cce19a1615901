// RabbitMQ's present rabbitmqadmin, the one in Rust, built by cargo from crates.io in the version that is written here and kept in
// the user's cache. It is built as fast as can be, not to be fast: two minutes on two cores.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rename, rm } from 'node:fs/promises';
import { homedir, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { runs } from '../requirement.js';

const VERSION = '2.35.0';
const BUILD_MS = 900_000;

/** Builds it into `root`; whether that went well. */
async function build(root: string): Promise<boolean> {
  const target = await mkdtemp(join(tmpdir(), 'warren-cargo-'));
  const quick = ['--profile', 'dev', '--config', 'profile.dev.debug=0', '--no-default-features'];
  const words = ['install', '--quiet', '--locked', ...quick, '--root', root, '--target-dir', target];
  try {
    // Not waited for in one piece: the test runner asks after its workers.
    const cargo = spawn('cargo', [...words, `rabbitmqadmin@${VERSION}`], {
      stdio: ['ignore', 'ignore', 'inherit'],
      timeout: BUILD_MS,
    });
    const [code] = (await once(cargo, 'close')) as [number | null];
    return code === 0;
  } finally {
    await rm(target, { recursive: true, force: true });
  }
}

/** The program's path, or why there is none. */
async function install(): Promise<{ path: string } | { missing: string }> {
  const cache = process.env['XDG_CACHE_HOME'] || join(homedir(), '.cache');
  const root = join(cache, 'warren-interop', `rabbitmqadmin-${VERSION}`);
  const path = join(root, 'bin', 'rabbitmqadmin');
  if (existsSync(path)) return { path };
  if (!runs('cargo', ['--version'])) return { missing: 'cargo is not installed (https://rustup.rs)' };
  await mkdir(dirname(root), { recursive: true });
  // Under another name until it is whole.
  const unfinished = await mkdtemp(`${root}-`);
  const built = await build(unfinished);
  // Another run may have been first, and its program is as good.
  if (built && !existsSync(path)) await rename(unfinished, root);
  else await rm(unfinished, { recursive: true, force: true });
  return existsSync(path)
    ? { path }
    : { missing: `cargo cannot install rabbitmqadmin ${VERSION} of crates.io` };
}

const installed = await install();

/** Why it cannot be run, or nothing if it can. */
export const missingRustRabbitmqadmin: string | undefined =
  'missing' in installed ? installed.missing : undefined;

/** Where it is. */
export const rustRabbitmqadmin: string = 'path' in installed ? installed.path : '';
