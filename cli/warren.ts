#!/usr/bin/env node
/**
 * The `warren` command: its subcommands are one file each in commands/.
 */
import { Command, CommanderError } from 'commander';
import { EXIT, explainFailure } from './failure.js';
import { VERSION } from './version.js';

const program = new Command('warren')
  .description('Collects logs through a message broker into Elasticsearch, or into its own store.')
  .version(VERSION)
  .showHelpAfterError('(warren --help lists the commands)')
  .configureHelp({ sortSubcommands: false });

/** Loading all of them takes a second of a processor: too much for a probe that runs every few. */
const COMMANDS: Readonly<Record<string, () => Promise<Command>>> = {
  up: async () => (await import('./commands/up.js')).upCommand(),
  demo: async () => (await import('./commands/demo.js')).demoCommand(),
  broker: async () => (await import('./commands/broker.js')).brokerCommand(),
  collector: async () => (await import('./commands/collector.js')).collectorCommand(),
  store: async () => (await import('./commands/store.js')).storeCommand(),
  console: async () => (await import('./commands/console.js')).consoleCommand(),
  agent: async () => (await import('./commands/agent.js')).agentCommand(),
  tail: async () => (await import('./commands/tail.js')).tailCommand(),
  search: async () => (await import('./commands/search.js')).searchCommand(),
  dlq: async () => (await import('./commands/dead-letter.js')).deadLetterCommand(),
  config: async () => (await import('./commands/config.js')).configCommand(),
  doctor: async () => (await import('./commands/doctor.js')).doctorCommand(),
};

const [, , named = ''] = process.argv;
// For anything else, such as --help or a typing error, all of them are needed.
const needed = Object.hasOwn(COMMANDS, named) ? [named] : Object.keys(COMMANDS);
const commands = await Promise.all(needed.map((name) => (COMMANDS[name] as () => Promise<Command>)()));
for (const command of commands) program.addCommand(command);
for (const command of [program, ...commands, ...commands.flatMap((parent) => parent.commands)]) {
  command.exitOverride();
}

try {
  await program.parseAsync();
} catch (error) {
  if (error instanceof CommanderError) {
    // Commander has printed the help, the version or what is wrong with the arguments.
    process.exitCode = error.exitCode === 0 ? EXIT.ok : EXIT.usage;
  } else {
    const { message, exitCode } = explainFailure(error);
    process.stderr.write(`warren: ${message}\n`);
    process.exitCode = exitCode;
  }
}
