/** `warren broker drain`, `reload-certificates`: of Warren's broker only. */
import type { Command } from 'commander';
import { OperatingError } from '../../failure.js';
import { wholeNumberFrom } from '../../management/definition.js';
import {
  type ManagementClient,
  ManagementError,
  type ManagementRequest,
} from '../../management/management-client.js';
import { managementCommand } from '../../management/management-command.js';

export function maintenanceCommands(): Command[] {
  return [drainCommand(), reloadCertificatesCommand()];
}

function drainCommand(): Command {
  return managementCommand<{ timeoutMs: string }>(
    {
      name: 'drain',
      about: 'let nobody new in, and close each connection once it has nothing under way',
      example: 'drain --timeout-ms 60000',
      options: [['--timeout-ms <milliseconds>', 'how long connections may take', '30000']],
    },
    async ({ client, flags, say }) => {
      const timeoutMs = wholeNumberFrom(flags.timeoutMs, '--timeout-ms', 0);
      await askOwn(client, 'drain', { timeout_ms: timeoutMs }, 'rabbitmq-upgrade drain');
      say('The broker drains; send the process SIGTERM to end it');
    },
  );
}

function reloadCertificatesCommand(): Command {
  return managementCommand(
    {
      name: 'reload-certificates',
      about: 'read the files of the certificate again; connections that are open keep theirs',
      example: 'reload-certificates',
    },
    async ({ client, say }) => {
      await askOwn(client, 'certificates', {}, "rabbitmqctl eval 'ssl:clear_pem_cache().'");
      say('The certificates are read again');
    },
  );
}

/** What RabbitMQ's API does not have is told with what does it there. */
async function askOwn(
  client: ManagementClient,
  what: string,
  body: object,
  elsewhere: string,
): Promise<void> {
  const { node } = await client.get<{ node: string }>(['overview']);
  const request: ManagementRequest = { method: 'PUT', path: ['nodes', node, what], body };
  try {
    await client.ask(request);
  } catch (error) {
    if (error instanceof ManagementError && [404, 405].includes(error.status)) {
      throw new OperatingError(`this broker cannot do that by its API; on its machine: ${elsewhere}`, {
        cause: error,
      });
    }
    throw error;
  }
}
