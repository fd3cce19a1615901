/**
 * Imports definitions, all of them or none: they are made first in a world of their own that keeps nothing,
 * with as much in it of what is there as they speak of. What can be made there can be made here.
 */
import { AccessError } from '../../access/access-error.js';
import { ProtocolError } from '../../protocol/protocol-error.js';
import { PolicyError } from '../../routing/policy-validation.js';
import { badRequest, HttpError, type Reason } from '../http-error.js';
import { copyOf, text } from '../scratch-world.js';
import { applyDefinitions, type World } from './apply.js';
import type { Definitions } from './definitions.js';

/** Rejects with an HttpError 400 that says what is wrong, and then nothing has been changed. */
export async function importDefinitions(world: World, definitions: Definitions): Promise<void> {
  const scratch = copyOf(world, definitions);
  try {
    await applyDefinitions(scratch, definitions);
    checkLimits(world, definitions);
  } catch (error) {
    throw explain(error);
  } finally {
    // Its queues' times do not pass.
    for (const { queues } of scratch.virtualHosts) for (const queue of queues.values()) queue.suspend();
  }
  await applyDefinitions(world, definitions);
}

function explain(error: unknown): unknown {
  if (error instanceof HttpError) return error;
  if (error instanceof AccessError) return badRequest(error.reason as Reason);
  if (error instanceof PolicyError) return badRequest(error.message);
  if (!(error instanceof ProtocolError)) return error;
  const [, name = '', explanation = ''] = /^([A-Z_]+) - (.*)$/s.exec(error.message) ?? [];
  return badRequest(`${name.toLowerCase()}: ${explanation}`);
}

/** @throws HttpError 400 in RabbitMQ's words where a virtual host has no room for the queues */
function checkLimits({ virtualHosts }: World, { queues }: Definitions): void {
  const added = new Map<string, number>();
  for (const one of queues) {
    const vhost = text(one, 'vhost');
    const known = virtualHosts.get(vhost)?.queue(text(one, 'name'));
    if (known === undefined) added.set(vhost, (added.get(vhost) ?? 0) + 1);
  }
  for (const [name, count] of added) {
    const host = virtualHosts.get(name);
    if (host === undefined || host.queues.size + count <= host.queuesMax) continue;
    throw badRequest(
      `Adding ${count} queue(s) to virtual host "${name}" would exceed the limit of ${host.queuesMax} queue(s).\n\nThis virtual host currently has ${host.queues.size} queue(s) defined.\n\nImport aborted!`,
    );
  }
}
