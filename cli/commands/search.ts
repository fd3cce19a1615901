/** `warren search QUERY`: stored logs, newest last. */
import { Client, errors } from '@elastic/elasticsearch';
import { Command } from 'commander';
import { reasonOf } from '../broker-connection.js';
import { elasticsearchUrl, withoutPassword } from '../configuration/urls.js';
import { OperatingError, UsageError } from '../failure.js';
import { recordLine } from '../record-line.js';
import { settingsOf, withSettings } from '../setting-flags.js';

/** As Elasticsearch's own `index.max_result_window`. */
const SIZE_MAX = 10_000;

interface SearchFlags {
  since: string;
  until: string;
  size: string;
  index: string;
  json?: boolean;
}

export function searchCommand(): Command {
  const command = new Command('search')
    .description('search the stored logs; prints the newest, newest last')
    .argument('[query]', "in Lucene's query language", '*')
    .option('--since <time>', 'from this time on: 15m, 2h, 7d, or a date', '15m')
    .option('--until <time>', 'up to this time', 'now')
    .option('--size <count>', 'at most so many', '50')
    .option('--index <pattern>', 'in these indices', 'logs-*')
    .option('--json', 'print each document as stored, one a line')
    .addHelpText(
      'after',
      `\nExamples:
  warren search 'log.level:error AND service.name:order' --since 1h
  warren search '"connection refused"' --since 2d --json | jq .message`,
    )
    .action(search);
  return withSettings(command, ['host', 'elasticsearch.url', 'store.port']);
}

async function search(query: string, flags: SearchFlags): Promise<void> {
  const url = elasticsearchUrl(settingsOf(flags));
  const size = Number(flags.size);
  if (!Number.isInteger(size) || size < 1 || size > SIZE_MAX) {
    throw new UsageError(`--size: must be a whole number from 1 to ${SIZE_MAX}`);
  }
  const range = { gte: timeOf(flags.since, '--since'), lte: timeOf(flags.until, '--until') };
  const client = new Client({ node: url, maxRetries: 0 });
  try {
    const { hits } = await client.search({
      index: flags.index,
      ignore_unavailable: true,
      size,
      sort: [{ '@timestamp': { order: 'desc', unmapped_type: 'date' } }],
      query: {
        bool: {
          filter: [{ range: { '@timestamp': range } }, { query_string: { query, default_operator: 'AND' } }],
        },
      },
    });
    for (const { _source } of hits.hits.reverse()) {
      process.stdout.write(`${flags.json ? JSON.stringify(_source) : recordLine(_source)}\n`);
    }
    if (hits.hits.length === 0) process.stderr.write(`No logs match since ${flags.since}\n`);
  } catch (error) {
    throw explain(error, url);
  } finally {
    await client.close();
  }
}

/** `15m` is 15 minutes ago, in Elasticsearch's date maths; a date stays as it is. */
function timeOf(text: string, flag: string): string {
  if (text === 'now' || text.startsWith('now-')) return text;
  if (/^\d+[smhdwMy]$/.test(text)) return `now-${text}`;
  if (Number.isNaN(Date.parse(text))) {
    throw new UsageError(`${flag}: must be such as 15m, 2h, 7d or 2026-01-31T12:00:00Z`);
  }
  return new Date(text).toISOString();
}

function explain(error: unknown, url: string): Error {
  if (error instanceof errors.ResponseError) {
    const body = error.body as
      | { error?: { root_cause?: { reason?: string }[]; reason?: string } }
      | undefined;
    const reason = body?.error?.root_cause?.[0]?.reason ?? body?.error?.reason ?? error.message;
    return error.statusCode === 400
      ? new UsageError(`the store refuses the search: ${reason}`, { cause: error })
      : new OperatingError(`the store answered ${error.statusCode}: ${reason}`, { cause: error });
  }
  return new OperatingError(
    `no store answers at ${withoutPassword(url)} (${reasonOf(error)}); start one with warren up, or name yours with WARREN_ELASTICSEARCH_URL or --elasticsearch-url`,
    { cause: error },
  );
}
