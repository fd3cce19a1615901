/** `warren broker status`, `ping`, `whoami`. */
import type { Command } from 'commander';
import { EXIT } from '../../failure.js';
import { cellOf, columnLines } from '../../management/columns.js';
import { type ManagementClient, ManagementError } from '../../management/management-client.js';
import { managementCommand, printLine } from '../../management/management-command.js';

interface Listener {
  protocol: string;
  ip_address: string;
  port: number;
}

interface Overview {
  product_name?: string;
  product_version?: string;
  rabbitmq_version?: string;
  cluster_name: string;
  node: string;
  listeners?: Listener[];
  object_totals?: Record<string, number>;
  queue_totals?: Record<string, unknown>;
}

interface Node {
  name: string;
  running: boolean;
  uptime?: number;
  mem_used?: number;
  mem_limit?: number;
  mem_alarm?: boolean;
  disk_free?: number;
  disk_free_limit?: number;
  disk_free_alarm?: boolean;
  fd_used?: number;
  fd_total?: number;
}

export function statusCommands(): Command[] {
  return [statusCommand(), pingCommand(), whoamiCommand()];
}

function statusCommand(): Command {
  return managementCommand<{ json?: boolean }>(
    {
      name: 'status',
      about: 'what broker it is, how it is, and what is in it',
      example: 'status',
      options: [['--json', 'print the overview and the nodes as one JSON object']],
    },
    async ({ client, flags }) => {
      const overview = await client.get<Overview>(['overview']);
      const nodes = await nodesOf(client);
      if (flags.json) {
        process.stdout.write(`${JSON.stringify({ overview, nodes }, undefined, 2)}\n`);
        return;
      }
      const rows = [...overviewRows(overview), ...nodes.flatMap((node) => nodeRows(node))];
      for (const line of columnLines(rows, process.stdout.isTTY)) printLine(line);
    },
  );
}

function pingCommand(): Command {
  return managementCommand(
    {
      name: 'ping',
      about: 'ask whether the broker answers and lets the user in',
      example: 'ping --timeout 5',
    },
    async ({ client, say }) => {
      await client.get(['whoami']);
      say('The broker answers');
    },
  );
}

function whoamiCommand(): Command {
  return managementCommand<{ json?: boolean }>(
    {
      name: 'whoami',
      about: 'print the user as whom the commands ask, and their tags',
      example: 'whoami',
      options: [['--json', 'print them as one JSON object']],
    },
    async ({ client, flags }) => {
      const me = await client.get<{ name: string; tags: unknown }>(['whoami']);
      printLine(flags.json ? JSON.stringify(me) : `${me.name}\t${cellOf(me.tags)}`);
    },
  );
}

/** Only who monitors may look at nodes. */
async function nodesOf(client: ManagementClient): Promise<readonly Node[]> {
  try {
    return await client.get<Node[]>(['nodes']);
  } catch (error) {
    if (error instanceof ManagementError && error.exitCode === EXIT.refused) return [];
    throw error;
  }
}

function overviewRows(overview: Overview): string[][] {
  const { object_totals: objects = {}, queue_totals: messages = {}, listeners = [] } = overview;
  const product = overview.product_name ?? 'RabbitMQ';
  const version = overview.product_version ?? overview.rabbitmq_version ?? '';
  return [
    ['broker', `${product} ${version}`],
    ['cluster', overview.cluster_name],
    ...['connections', 'channels', 'consumers', 'exchanges', 'queues'].map((kind) => [
      kind,
      cellOf(objects[kind]),
    ]),
    ['messages ready', cellOf(messages['messages_ready'] ?? 0)],
    ['messages unacked', cellOf(messages['messages_unacknowledged'] ?? 0)],
    ...listeners.map(({ protocol, ip_address: address, port }) => [
      'listens',
      `${protocol} on ${address.includes(':') ? `[${address}]` : address}:${port}`,
    ]),
  ];
}

function nodeRows(node: Node): string[][] {
  if (!node.running) return [['node', `${node.name}, not running`]];
  const alarms = [
    node.mem_alarm && 'memory: publishers are held back',
    node.disk_free_alarm && 'disk: publishers are held back',
  ].filter((alarm) => typeof alarm === 'string');
  return [
    ['node', node.name],
    ['uptime', durationOf(node.uptime)],
    ['memory', `${bytesOf(node.mem_used)} of ${bytesOf(node.mem_limit)}`],
    ['disk free', `${bytesOf(node.disk_free)}, at least ${bytesOf(node.disk_free_limit)}`],
    ['file descriptors', `${cellOf(node.fd_used)} of ${cellOf(node.fd_total)}`],
    ['alarms', alarms.length === 0 ? 'none' : alarms.join('; ')],
  ];
}

function durationOf(milliseconds = 0): string {
  const minutes = Math.floor(milliseconds / 60_000);
  const [days, hours] = [Math.floor(minutes / 1440), Math.floor(minutes / 60) % 24];
  return `${days} d ${hours} h ${minutes % 60} min`;
}

function bytesOf(bytes: number | undefined): string {
  if (bytes === undefined) return 'unknown';
  return bytes >= 1e9 ? `${(bytes / 1e9).toFixed(1)} GB` : `${(bytes / 1e6).toFixed(0)} MB`;
}
