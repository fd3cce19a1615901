/** `warren dlq`: look at dead letters and replay them. */
import { Command } from 'commander';
import { DeadLetterQueue, type ReplayOptions } from '../../collector/deadletter/dead-letter-queue.js';
import { DEAD_QUEUE } from '../../collector/topology.js';
import { brokerUrl } from '../configuration/urls.js';
import { deadLetterLines, groupLine, letterLine } from '../dead-letter-lines.js';
import { OperatingError, UsageError } from '../failure.js';
import { settingsOf, withSettings } from '../setting-flags.js';

const BROKER_SETTINGS = ['host', 'broker.url', 'broker.port'];

export function deadLetterCommand(): Command {
  return new Command('dlq')
    .description('dead letters: what the index refused, and why')
    .addHelpText('after', '\nExamples:\n  warren dlq list\n  warren dlq show ID\n  warren dlq replay --all')
    .addCommand(onQueue(listCommand()))
    .addCommand(onQueue(showCommand()))
    .addCommand(onQueue(replayCommand()));
}

function onQueue(command: Command): Command {
  return withSettings(
    command.option('--queue <name>', 'the queue to look into', DEAD_QUEUE),
    BROKER_SETTINGS,
  );
}

function listCommand(): Command {
  return new Command('list')
    .description('list dead letters with their reasons')
    .option('--limit <count>', 'at most so many', '100')
    .option('--json', 'print them as JSON, one a line')
    .addHelpText('after', '\nExample:\n  warren dlq list --limit 20')
    .action(async (flags: { limit: string; queue: string; json?: boolean }) => {
      const queue = open(flags);
      const { letters, total, groups } = await queue.list({ limit: countOf(flags.limit) });
      if (flags.json) {
        for (const letter of letters) print(JSON.stringify(letter));
        return;
      }
      for (const letter of letters) print(letterLine(letter));
      for (const group of groups) print(groupLine(group));
      print(total === 0 ? 'No dead letters' : `${letters.length} of ${total} shown`);
    });
}

function showCommand(): Command {
  return new Command('show')
    .description('show one dead letter in full')
    .argument('<id>', 'its id, from warren dlq list')
    .option('--json', 'print it as one JSON object')
    .addHelpText('after', '\nExample:\n  warren dlq show 0198c1f0-6f6e-7c33-9d5b-3f1f1c0a2b44')
    .action(async (id: string, flags: { queue: string; json?: boolean }) => {
      const letter = await open(flags).show(id);
      if (letter === undefined) throw new OperatingError(`there is no dead letter ${id}`);
      print(flags.json ? JSON.stringify(letter, undefined, 2) : deadLetterLines(letter));
    });
}

interface ReplayFlags {
  queue: string;
  all?: boolean;
  limit?: string;
  json?: boolean;
}

function replayCommand(): Command {
  return new Command('replay')
    .description('send dead letters round again, after their cause is mended')
    .argument('[ids...]', 'their ids, from warren dlq list')
    .option('--all', 'all of them')
    .option('--limit <count>', 'with --all: at most so many')
    .option('--json', 'print the result as one JSON object')
    .addHelpText('after', '\nExample:\n  warren dlq replay --all --limit 1000')
    .action(replay);
}

async function replay(ids: string[], flags: ReplayFlags): Promise<void> {
  if (ids.length > 0 === (flags.all === true)) throw new UsageError('dlq replay: give ids or --all');
  const queue = open(flags);
  const terminal = process.stderr.isTTY && !flags.json;
  const options: ReplayOptions = {
    ...(flags.limit !== undefined && { limit: countOf(flags.limit) }),
    ...(terminal && {
      onProgress: ({ replayed, total }) => void process.stderr.write(`\r${replayed} of ${total} replayed`),
    }),
  };
  const result = await queue.replay(flags.all ? { all: true } : { ids }, options);
  if (terminal) process.stderr.write('\r');
  print(flags.json ? JSON.stringify(result) : `${result.replayed} replayed, ${result.left} left`);
  if (result.failed > 0) {
    const why = result.failures[0]?.error ?? 'not told';
    throw new OperatingError(`${result.failed} could not be sent and stay where they are: ${why}`);
  }
  if (result.notFound.length > 0) {
    throw new OperatingError(`there is no dead letter ${result.notFound.join(', ')}`);
  }
}

function open(flags: { queue: string }): DeadLetterQueue {
  return new DeadLetterQueue({ brokerUrl: brokerUrl(settingsOf(flags)), queue: flags.queue });
}

function countOf(text: string): number {
  const count = Number(text);
  if (!Number.isInteger(count) || count < 1)
    throw new UsageError('--limit: must be a whole number from 1 on');
  return count;
}

function print(text: string): void {
  process.stdout.write(`${text}\n`);
}
