// RabbitMQ's own reading of OAuth 2 scopes: its plugin's modules, run by Erlang without a server.
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runs } from './requirement.js';

const root = '/usr/lib/rabbitmq/lib';

function codePaths(): string[] {
  if (!existsSync(root)) return [];
  return readdirSync(root).flatMap((version) => {
    const plugins = join(root, version, 'plugins');
    if (!existsSync(plugins)) return [];
    return readdirSync(plugins)
      .filter((name) => /^(rabbitmq_auth_backend_oauth2|cowlib|rabbit|rabbit_common)-/.test(name))
      .map((name) => join(plugins, name, 'ebin'));
  });
}

/** Why RabbitMQ's modules cannot be asked, or nothing if they can. */
export function missingErlangScopes(): string | undefined {
  if (codePaths().length === 4 && runs('erl', ['-noshell', '-eval', 'halt().'])) return undefined;
  return 'rabbitmq-server is not installed (Debian: apt-get install rabbitmq-server)';
}

/** One question: may somebody with this scope do this? */
export interface ScopeQuestion {
  readonly scope: string;
  readonly permission: 'configure' | 'write' | 'read';
  readonly virtualHost: string;
  readonly name: string;
  readonly routingKey: string;
}

/** RabbitMQ's answers: to entering the virtual host, to the permission, and to the routing key. */
export type ScopeAnswer = readonly [enter: boolean, resource: boolean, topic: boolean];

const program = `
  {ok, File} = file:read_file(os:getenv("QUESTIONS")),
  Answer = fun(Line) ->
    [Scope, Permission, VHost, Name, Key] =
      [base64:decode(Part) || Part <- binary:split(Line, <<",">>, [global])],
    Resource = fun(Kind) -> {resource, VHost, Kind, Name} end,
    Asked = binary_to_atom(Permission, utf8),
    io:format("~p,~p,~p~n", [
      rabbit_oauth2_scope:vhost_access(VHost, [Scope]),
      rabbit_oauth2_scope:resource_access(Resource(queue), Asked, [Scope]),
      rabbit_oauth2_scope:topic_access(Resource(topic), Asked, #{routing_key => Key}, [Scope])])
  end,
  lists:foreach(Answer, binary:split(File, <<"\\n">>, [global])), halt().`;

/** Asks RabbitMQ's plugin. */
export function askErlang(questions: readonly ScopeQuestion[]): ScopeAnswer[] {
  const directory = mkdtempSync(join(tmpdir(), 'warren-scopes-'));
  try {
    const file = join(directory, 'questions');
    const line = ({ scope, permission, virtualHost, name, routingKey }: ScopeQuestion): string =>
      [scope, permission, virtualHost, name, routingKey]
        .map((text) => Buffer.from(text).toString('base64'))
        .join(',');
    writeFileSync(file, questions.map(line).join('\n'));
    const output = execFileSync('erl', ['-noshell', '-pa', ...codePaths(), '-eval', program], {
      env: { ...process.env, QUESTIONS: file, HOME: directory },
      maxBuffer: 64 * 1024 * 1024,
    }).toString();
    const answers = output.split('\n').filter((text) => /^(true|false),/.test(text));
    return answers.map((text) => text.split(',').map((word) => word === 'true') as unknown as ScopeAnswer);
  } finally {
    rmSync(directory, { recursive: true });
  }
}
