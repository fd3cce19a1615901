/** `_index_template` and `_component_template`. */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { nestedSettings } from '../catalog/settings.js';
import { checkComponentTemplate, checkIndexTemplate } from '../catalog/template.js';
import { illegalArgument, resourceNotFound } from '../errors.js';
import { asArray, isObject, type JsonObject, matchesPattern } from '../json.js';
import type { ApiContext } from './context.js';
import { bodyObject, checkQuery, flag, query } from './reply.js';

type Kind = 'index_template' | 'component_template';

/** Adds the endpoints. */
export function templateRoutes(server: FastifyInstance, context: ApiContext): void {
  for (const kind of ['index_template', 'component_template'] as const) {
    server.get(`/_${kind}`, (request, reply) => get(request, reply, context, kind));
    server.get(`/_${kind}/:name`, (request, reply) => get(request, reply, context, kind));
    server.route({
      method: ['PUT', 'POST'],
      url: `/_${kind}/:name`,
      handler: (request, reply) => put(request, reply, context, kind),
    });
    server.delete(`/_${kind}/:name`, (request, reply) => remove(request, reply, context, kind));
  }
}

function templates(context: ApiContext, kind: Kind): Map<string, JsonObject> {
  return kind === 'index_template' ? context.catalog.indexTemplates : context.catalog.componentTemplates;
}

function named(context: ApiContext, kind: Kind, name: string): [string, JsonObject][] {
  const found = [...templates(context, kind)].filter(([each]) =>
    name.split(',').some((pattern) => matchesPattern(pattern, each)),
  );
  if (found.length === 0 && !name.includes('*')) {
    throw resourceNotFound(
      `${kind === 'index_template' ? 'index' : 'component'} template matching [${name}] not found`,
    );
  }
  return found;
}

function get(request: FastifyRequest, reply: FastifyReply, context: ApiContext, kind: Kind): FastifyReply {
  checkQuery(request, []);
  const { name } = request.params as { name?: string };
  const found = named(context, kind, name ?? '*').map(([each, body]) => ({
    name: each,
    [kind]: shown(body),
  }));
  return reply.send(JSON.stringify({ [`${kind}s`]: found }));
}

function shown(body: JsonObject): JsonObject {
  const { template } = body;
  if (!isObject(template) || !isObject(template['settings'])) return body;
  return { ...body, template: { ...template, settings: nestedSettings(template['settings']) } };
}

async function put(
  request: FastifyRequest,
  reply: FastifyReply,
  context: ApiContext,
  kind: Kind,
): Promise<FastifyReply> {
  checkQuery(request, ['create', 'cause']);
  const { name } = request.params as { name: string };
  const body = bodyObject(request);
  await context.writer.exclusively(async () => {
    const all = templates(context, kind);
    if (flag(query(request)['create']) && all.has(name))
      throw illegalArgument(`${kind.replace('_', ' ')} [${name}] already exists`);
    all.set(
      name,
      kind === 'index_template'
        ? checkIndexTemplate(context.catalog, name, body)
        : checkComponentTemplate(name, body),
    );
    context.catalog.changed();
    await context.catalog.save();
  });
  return reply.send('{"acknowledged":true}');
}

async function remove(
  request: FastifyRequest,
  reply: FastifyReply,
  context: ApiContext,
  kind: Kind,
): Promise<FastifyReply> {
  checkQuery(request, []);
  const { name } = request.params as { name: string };
  await context.writer.exclusively(async () => {
    for (const [each] of named(context, kind, name)) {
      refuseInUse(context, kind, each);
      templates(context, kind).delete(each);
    }
    context.catalog.changed();
    await context.catalog.save();
  });
  return reply.send('{"acknowledged":true}');
}

function refuseInUse(context: ApiContext, kind: Kind, name: string): void {
  if (kind === 'component_template') {
    const users = [...context.catalog.indexTemplates]
      .filter(([, body]) => asArray(body['composed_of']).includes(name))
      .map(([each]) => each);
    if (users.length > 0)
      throw illegalArgument(
        `component templates [${name}] cannot be removed as they are still in use by index templates [${users.join(', ')}]`,
      );
    return;
  }
  const streams = [...context.catalog.dataStreams.values()]
    .filter((stream) => stream.template === name)
    .map((stream) => stream.name);
  if (streams.length > 0)
    throw illegalArgument(
      `unable to remove composable templates [${name}] as they are in use by a data streams [${streams.join(', ')}]`,
    );
}
