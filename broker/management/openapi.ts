/**
 * The document that describes the interface, made of the resources when somebody asks for it: its code is
 * not loaded before. What is in it is told of nowhere else.
 */
import type { FastifySchema } from 'fastify';
import type { Described, Operation, Resource } from './resource.js';
import { VERSION } from './shown/product.js';

type Property = { type: 'string'; description: string };

interface DocumentedSchema extends FastifySchema {
  readonly summary: string;
  readonly tags: readonly string[];
}

function schemaOf(path: string, operation: Operation): DocumentedSchema {
  const parameters = path.split('/').filter((part) => part.startsWith(':'));
  return {
    summary: operation.summary,
    tags: [path.split('/')[1] as string],
    ...(parameters.length === 0
      ? {}
      : { params: { type: 'object', properties: named(parameters.map((one) => one.slice(1))) } }),
    ...(operation.query === undefined
      ? {}
      : { querystring: { type: 'object', properties: described(operation.query) } }),
    ...(operation.body === undefined ? {} : { body: bodyOf(operation.body) }),
    response: { default: { description: 'JSON, or nothing', type: 'object', additionalProperties: true } },
  };
}

function named(names: readonly string[]): Record<string, object> {
  return Object.fromEntries(names.map((name) => [name, { type: 'string' }]));
}

/** What is said of each; a `*` marks those that must be there. */
function described(fields: Described): Record<string, Property> {
  return Object.fromEntries(
    Object.entries(fields).map(([name, text]) => [
      name,
      { type: 'string', description: text.replace(/^\*/, '') },
    ]),
  );
}

function bodyOf(fields: Described): object {
  const properties = Object.fromEntries(
    Object.entries(fields).map(([name, text]) => [name, { description: text.replace(/^\*/, '') }]),
  );
  const required = Object.keys(fields).filter((name) => fields[name]?.startsWith('*'));
  return { type: 'object', properties, ...(required.length === 0 ? {} : { required }) };
}

/** Makes the OpenAPI 3 document of some resources. */
export async function describe(resources: readonly Resource[]): Promise<object> {
  const [{ default: fastify }, { default: swagger }] = await Promise.all([
    import('fastify'),
    import('@fastify/swagger'),
  ]);
  // It never listens: it is there for the document alone.
  const server = fastify({ exposeHeadRoutes: false });
  await server.register(swagger, {
    openapi: {
      info: {
        title: 'Warren management',
        description: `RabbitMQ's management HTTP interface, as of version ${VERSION}.`,
        version: VERSION,
      },
      components: {
        securitySchemes: {
          basic: { type: 'http', scheme: 'basic' },
          bearer: { type: 'http', scheme: 'bearer' },
        },
      },
      security: [{ basic: [] }, { bearer: [] }],
    },
  });
  server.setValidatorCompiler(() => () => true);
  server.setSerializerCompiler(() => JSON.stringify);
  for (const { path, operations } of resources) {
    for (const [method, operation] of Object.entries(operations)) {
      const schema = schemaOf(path, operation);
      server.route({ method, url: `/api${path}`, schema, handler: async () => ({}) });
    }
  }
  await server.ready();
  const document = server.swagger();
  await server.close();
  return document;
}
