/**
 * The flags of a command that are settings, and the settings in force for it.
 */
import type { Command } from 'commander';
import { type LoadedConfiguration, loadConfiguration } from './configuration/load.js';
import type { Configuration } from './configuration/schema.js';
import { SETTINGS, type Setting } from './configuration/settings.js';
import type { PortSetting } from './failure.js';

/** Adds `--config` and the flags of the settings whose dotted paths are given; all where none are. */
export function withSettings(command: Command, paths?: readonly string[]): Command {
  command.option('--config <file>', 'settings file (WARREN_CONFIG; warren.yaml when it is there)');
  for (const setting of SETTINGS) {
    if (paths !== undefined && !paths.includes(setting.path.join('.'))) continue;
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

/** The setting behind a port, for the error that it is taken. */
export function portSetting(path: 'broker.port' | 'store.port' | 'console.port'): PortSetting {
  const setting = SETTINGS.find((candidate) => candidate.path.join('.') === path) as Setting;
  return { variable: setting.variables[0], flag: setting.flag };
}
