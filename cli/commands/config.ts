/** `warren config`: the settings in force, and where each comes from. */
import { Command } from 'commander';
import type { Setting } from '../configuration/setting.js';
import { SETTINGS, valueAt } from '../configuration/settings.js';
import { withoutPassword } from '../configuration/urls.js';
import { loadSettings, withSettings } from '../setting-flags.js';

export function configCommand(): Command {
  const command = new Command('config')
    .description('print the settings in force and where each comes from')
    .option('--json', 'print them as one JSON object')
    .addHelpText('after', '\nExample:\n  WARREN_STORE_PORT=9201 warren config --config warren.yaml')
    .action(printConfiguration);
  return withSettings(command);
}

function printConfiguration(flags: { json?: boolean }): void {
  const { configuration, origins } = loadSettings(flags);
  const rows = SETTINGS.map((setting) => {
    const name = setting.path.join('.');
    return {
      name,
      value: shown(setting, valueAt(configuration, setting.path)),
      origin: origins.get(name) as string,
    };
  });
  if (flags.json) {
    const entries = rows.map(({ name, value, origin }) => [name, { value: value ?? null, origin }]);
    process.stdout.write(`${JSON.stringify(Object.fromEntries(entries), undefined, 2)}\n`);
    return;
  }
  const nameWidth = Math.max(...rows.map(({ name }) => name.length));
  const valueWidth = Math.max(...rows.map(({ name, value }) => textOf(name, value).length));
  for (const { name, value, origin } of rows) {
    process.stdout.write(`${name.padEnd(nameWidth)}  ${textOf(name, value).padEnd(valueWidth)}  ${origin}\n`);
  }
}

function shown(setting: Setting, value: unknown): unknown {
  if (!setting.secret || typeof value !== 'string') return value;
  return URL.canParse(value) ? withoutPassword(value) : '***';
}

function textOf(name: string, value: unknown): string {
  if (value !== undefined) return String(value);
  return name.endsWith('.url') ? '(embedded)' : '(none)';
}
