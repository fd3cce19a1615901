#!/usr/bin/env node
/**
 * The `warren` command: its subcommands are one file each in commands/.
 */
import { Command, CommanderError } from 'commander';
import { agentCommand } from './commands/agent.js';
import { brokerCommand } from './commands/broker.js';
import { collectorCommand } from './commands/collector.js';
import { configCommand } from './commands/config.js';
import { consoleCommand } from './commands/console.js';
import { deadLetterCommand } from './commands/dead-letter.js';
import { demoCommand } from './commands/demo.js';
import { doctorCommand } from './commands/doctor.js';
import { searchCommand } from './commands/search.js';
import { storeCommand } from './commands/store.js';
import { tailCommand } from './commands/tail.js';
import { upCommand } from './commands/up.js';
import { EXIT, explainFailure } from './failure.js';
import { VERSION } from './version.js';

const program = new Command('warren')
  .description('Collects logs through a message broker into Elasticsearch, or into its own store.')
  .version(VERSION)
  .showHelpAfterError('(warren --help lists the commands)')
  .configureHelp({ sortSubcommands: false });

const commands = [
  upCommand(),
  demoCommand(),
  brokerCommand(),
  collectorCommand(),
  storeCommand(),
  consoleCommand(),
  agentCommand(),
  tailCommand(),
  searchCommand(),
  deadLetterCommand(),
  configCommand(),
  doctorCommand(),
];
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
