/**
 * The flags of a command that are settings, and the settings in force for it.
 */
import type { Command } from 'commander';
import { type LoadedConfiguration, loadConfiguration } from './configuration/load.js';
import type { Configuration } from './configuration/schema.js';
import type { Setting } from './configuration/setting.js';
import { SETTINGS, valueAt } from './configuration/settings.js';
import type { PortSetting } from './failure.js';

/** Adds `--config` and the flags of the settings whose dotted paths or sections are given; all where none are. */
export function withSettings(command: Command, paths?: readonly string[]): Command {
  command.option('--config <file>', 'settings file (WARREN_CONFIG; warren.yaml when it is there)');
  for (const setting of SETTINGS) {
    const sections = setting.path.map((_, index) => setting.path.slice(0, index + 1).join('.'));
    if (paths !== undefined && !sections.some((section) => paths.includes(section))) continue;
    command.option(`${setting.flag} <${setting.value}>`, `${setting.about} (${setting.variables[0]})`);
  }
  return command;
}

/** The settings in force for a command that was given these flags, and where they come from. */
export function loadSettings(flags: object): LoadedConfiguration {
  return loadConfiguration({ flags: flags as Record<string, unknown>, environment: process.env });
}

/** The settings in force for a command that was given these flags. */
export function settingsOf(flags: object): Configuration {
  return loadSettings(flags).configuration;
}

/** The settings behind the ports of a command, for the error that one of them is taken. */
export function portSettings(flags: object, paths: readonly string[]): readonly PortSetting[] {
  const configuration = settingsOf(flags);
  return paths.map((path) => {
    const setting = SETTINGS.find((candidate) => candidate.path.join('.') === path) as Setting;
    const port = Number(valueAt(configuration, setting.path));
    return { port, variable: setting.variables[0], flag: setting.flag };
  });
}
