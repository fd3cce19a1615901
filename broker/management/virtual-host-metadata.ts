/** What an operator says of a virtual host, read from JSON. */
import type { VirtualHostMetadata } from '../routing/virtual-host-ground.js';
import { badRequest } from './http-error.js';
import { booleanField, fieldOf, type JsonObject } from './json-body.js';

/**
 * A description and tags that are not said are none, as in RabbitMQ; the rest stays as it was.
 * @throws HttpError 400
 */
export function readMetadata(body: JsonObject, known: VirtualHostMetadata | undefined): VirtualHostMetadata {
  const description = fieldOf(body, 'description') ?? '';
  if (typeof description !== 'string') throw badRequest(['not_string', 'description']);
  const tags = readTags(fieldOf(body, 'tags')) ?? [];
  return {
    description,
    tags,
    defaultQueueType: readQueueType(body) ?? known?.defaultQueueType,
    protected: booleanField(body, 'protected_from_deletion', known?.protected ?? false),
  };
}

function readTags(value: unknown): string[] | undefined {
  if (value === undefined || value === null) return undefined;
  const tags = typeof value === 'string' ? value.split(',') : value;
  if (!Array.isArray(tags) || !tags.every((tag) => typeof tag === 'string')) {
    throw badRequest(['not_a_list', 'tags']);
  }
  return tags.map((tag: string) => tag.trim()).filter((tag) => tag !== '');
}

function readQueueType(body: JsonObject): VirtualHostMetadata['defaultQueueType'] {
  const type = fieldOf(body, 'default_queue_type');
  if (type === undefined || type === null || type === 'undefined') return undefined;
  if (type === 'classic' || type === 'quorum') return type;
  throw badRequest(
    `Unsupported default queue type: ${typeof type === 'string' ? type : JSON.stringify(type)}`,
  );
}
