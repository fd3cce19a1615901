/** `warren broker drain`, `reload-certificates`: of Warren's broker only. */
import type { Command } from 'commander';
import { EXIT, OperatingError } from '../../failure.js';
import { wholeNumberFrom } from '../../management/definition.js';
import { type ManagementClient, ManagementError } from '../../management/management-client.js';
import { managementCommand } from '../../management/management-command.js';

export function maintenanceCommands(): Command[] {
  return [drainCommand(), reloadCertificatesCommand()];
}

function drainCommand(): Command {
  return managementCommand<{ timeoutMs?: string }>(
    {
      name: 'drain',
      about: "let nobody in, finish what is under way, and end the broker; of Warren's broker only",
      example: 'drain --timeout-ms 60000',
      options: [['--timeout-ms <number>', 'wait so long for what is under way; 30000 where nothing is said']],
    },
    async ({ client, flags, say }) => {
      const { timeoutMs } = flags;
      const body =
        timeoutMs === undefined ? {} : { timeout_ms: wholeNumberFrom(timeoutMs, '--timeout-ms', 0) };
      await askNode(client, 'drain', 'be drained by its management API', body);
      say('The broker drains, and ends when nothing is under way any more');
    },
  );
}

function reloadCertificatesCommand(): Command {
  return managementCommand(
    {
      name: 'reload-certificates',
      about: "have the broker read its TLS certificates anew; of Warren's broker only",
      example: 'reload-certificates',
    },
    async ({ client, say }) => {
      await askNode(client, 'certificates', 'read its certificates anew by its management API', {});
      say('New connections are shown the certificate that is in the files now');
    },
  );
}

async function askNode(client: ManagementClient, what: string, able: string, body: object): Promise<void> {
  const { node } = await client.get<{ node?: string }>(['overview']);
  if (node === undefined) {
    throw new OperatingError('the user may not see the node; it takes the tag administrator', {
      exitCode: EXIT.refused,
    });
  }
  try {
    await client.ask({ method: 'PUT', path: ['nodes', node, what], body });
  } catch (error) {
    if (!isUnknown(error)) throw error;
    throw new OperatingError(`this broker cannot ${able}`, { cause: error });
  }
}

/** RabbitMQ answers to a path that it does not know with 404 or 405, with a body or without. */
function isUnknown(error: unknown): boolean {
  if (!(error instanceof OperatingError)) return false;
  if (error instanceof ManagementError) return error.status === 404 || error.status === 405;
  return error.exitCode === EXIT.unreachable && /\(404,/.test(error.message);
}
