/**
 * Puts the settings in force together: flags before environment variables before warren.yaml before
 * defaults; and remembers where each came from.
 */
import { existsSync, readFileSync } from 'node:fs';
import type { z } from 'zod';
import { UsageError } from '../failure.js';
import { ConfigurationFile } from './file.js';
import { type Configuration, configurationSchema } from './schema.js';
import type { Setting } from './setting.js';
import { flagKey, SETTINGS, valueAt } from './settings.js';

/** The file that is read when none is named and it is there. */
const DEFAULT_FILE = 'warren.yaml';

/** The settings in force, and the source of each by its dotted path. */
export interface LoadedConfiguration {
  configuration: Configuration;
  origins: ReadonlyMap<string, string>;
}

/** What settings are read from. */
export interface ConfigurationSources {
  /** Values of flags by commander's key, such as `amqpPort`; `config` names a file. */
  flags: Readonly<Record<string, unknown>>;
  environment: Readonly<NodeJS.ProcessEnv>;
}

/**
 * Reads and checks all settings.
 *
 * @throws UsageError that names the line, variable or flag of the first mistake
 */
export function loadConfiguration({ flags, environment }: ConfigurationSources): LoadedConfiguration {
  const file = openFile(flags['config'], environment);
  const values = sectionsOf(file);
  const origins = new Map<string, string>();
  for (const setting of SETTINGS) {
    const given = fromFlag(setting, flags) ?? fromEnvironment(setting, environment);
    if (given !== undefined) put(values, setting.path, given.value);
    const origin = given?.origin ?? (valueAt(values, setting.path) === undefined ? 'default' : file?.path);
    origins.set(setting.path.join('.'), origin ?? 'default');
  }
  const checked = configurationSchema.safeParse(values);
  if (!checked.success) throw explain(checked.error.issues[0] as z.core.$ZodIssue, origins, file);
  return { configuration: checked.data, origins };
}

/** The environment that gives a child process exactly these settings, whatever its own files say. */
export function environmentOf(configuration: Configuration): Record<string, string> {
  const environment: Record<string, string> = { WARREN_CONFIG: '' };
  for (const { path, variables } of SETTINGS) {
    const value = valueAt(configuration, path);
    if (value !== undefined) environment[variables[0]] = String(value);
  }
  return environment;
}

function openFile(named: unknown, environment: NodeJS.ProcessEnv): ConfigurationFile | undefined {
  const path = (named as string | undefined) ?? environment['WARREN_CONFIG'];
  if (path !== undefined) return path === '' ? undefined : new ConfigurationFile(path);
  return existsSync(DEFAULT_FILE) ? new ConfigurationFile(DEFAULT_FILE) : undefined;
}

/** The file's values, with an object for every section, so that defaults inside sections apply. */
function sectionsOf(file: ConfigurationFile | undefined): Record<string, unknown> {
  const values = file?.values() ?? {};
  for (const { path } of SETTINGS) {
    let section: unknown = values;
    for (const key of path.slice(0, -1)) {
      // One that is no section stays as it is and is refused by the schema.
      if (typeof section !== 'object' || section === null) break;
      const sections = section as Record<string, unknown>;
      sections[key] ??= {};
      section = sections[key];
    }
  }
  return values;
}

interface Given {
  value: unknown;
  origin: string;
}

function fromFlag(setting: Setting, flags: ConfigurationSources['flags']): Given | undefined {
  const value = flags[flagKey(setting)];
  return value === undefined ? undefined : { value, origin: setting.flag };
}

function fromEnvironment(setting: Setting, environment: NodeJS.ProcessEnv): Given | undefined {
  for (const variable of setting.variables) {
    const value = environment[variable];
    if (value !== undefined && value !== '') return { value, origin: variable };
    const path = setting.secret && environment[`${variable}_FILE`];
    if (path) return { value: secretFrom(path, `${variable}_FILE`), origin: `${variable}_FILE` };
  }
  return undefined;
}

function secretFrom(path: string, variable: string): string {
  try {
    return readFileSync(path, 'utf8').trim();
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new UsageError(`${variable}: the file ${path} cannot be read (${code})`, { cause: error });
  }
}

function put(root: Record<string, unknown>, path: readonly string[], value: unknown): void {
  let section = root;
  for (const key of path.slice(0, -1)) {
    // A section that is no section (`broker: 5`) stays as it is and is refused by the schema.
    if (typeof section[key] !== 'object' || section[key] === null) return;
    section = section[key] as Record<string, unknown>;
  }
  section[path.at(-1) as string] = value;
}

function explain(
  issue: z.core.$ZodIssue,
  origins: ReadonlyMap<string, string>,
  file: ConfigurationFile | undefined,
): UsageError {
  const unknown = issue.code === 'unrecognized_keys' ? issue.keys[0] : undefined;
  const path = unknown === undefined ? issue.path : [...issue.path, unknown];
  const name = path.join('.');
  const origin = origins.get(name);
  const wording = unknown === undefined ? issue.message : 'there is no such setting';
  if (file === undefined || (origin !== undefined && origin !== file.path)) {
    return new UsageError(`${origin ?? name}: ${wording}`);
  }
  return new UsageError(`${file.path}:${file.lineOf(path)}: ${name}: ${wording}`);
}
