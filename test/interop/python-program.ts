// Programs in Python, and the libraries that they need, at the versions of their requirements.txt, kept in the user's
// cache and told to Python by its path: no environment of the machine is touched.
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import type { BrokerUnderTest } from './broker-under-test.js';
import { fixture, runProgram } from './program.js';
import { fetches, runs } from './requirement.js';

/** The directory for PYTHONPATH, or why there is none. */
function install(): { path: string } | { missing: string } {
  if (!runs('python3', ['-m', 'pip', '--version'])) {
    return { missing: 'python3 with pip is not installed (Debian: apt-get install python3-pip)' };
  }
  const requirements = fixture('python/requirements.txt');
  const cache = process.env['XDG_CACHE_HOME'] || join(homedir(), '.cache');
  const version = createHash('sha256').update(readFileSync(requirements)).digest('hex').slice(0, 12);
  const path = join(cache, 'warren-interop', `python-${version}`);
  if (existsSync(path)) return { path };
  mkdirSync(dirname(path), { recursive: true });
  // Under another name until it is whole.
  const unfinished = mkdtempSync(`${path}-`);
  const install = ['-m', 'pip', 'install', '--quiet', '--root-user-action', 'ignore'];
  const options = [...install, '--target', unfinished, '--requirement', requirements];
  if (!fetches('python3', options, fixture('python'))) {
    rmSync(unfinished, { recursive: true, force: true });
    return { missing: 'pip cannot install test/interop/fixtures/python/requirements.txt' };
  }
  try {
    renameSync(unfinished, path);
  } catch (error) {
    rmSync(unfinished, { recursive: true, force: true });
    // Another run was first, and its directory is as good.
    if (!existsSync(path)) throw error;
  }
  return { path };
}

const libraries = install();

/** Why no program can be run, or nothing if they can. */
export const missingPython: string | undefined = 'missing' in libraries ? libraries.missing : undefined;

/** What a Python that is to find the libraries is started with. */
export const pythonEnvironment: Readonly<Record<string, string>> = {
  PYTHONPATH: 'path' in libraries ? libraries.path : '',
  PYTHONDONTWRITEBYTECODE: '1',
};

/** Runs a program of fixtures/python and returns the lines it printed. */
export function runPython(broker: BrokerUnderTest, program: string): Promise<string[]> {
  const options = { environment: pythonEnvironment };
  return runProgram(broker, 'python3', [fixture(`python/${program}`), broker.url], options);
}
