// The same command lines of somebody's tool, run against two servers, and what they print, without what a server
// makes up and without the width of tables, so that it can be compared.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { exchange } from './http-exchange.js';
import type { ManagedServer } from './managed-server.js';
import { marked } from './rendering.js';

export interface Outcome {
  readonly command: string;
  readonly code: number | null;
  /** The lines it printed, then those of its complaints. */
  readonly printed: readonly string[];
}

/** How a tool is called for a server: the program, what comes first, and its environment. */
export interface Tool {
  readonly program: string;
  argumentsFor(server: ManagedServer): readonly string[];
  /** Columns of its tables whose cells say what a server measures or makes up. */
  readonly ownColumns?: RegExp;
}

const COMMAND_MS = 20_000;

/** The cells of a table's row, or nothing for a line that is no row. */
function cellsOf(line: string): string[] | undefined {
  if (!/^\s*[|│]/.test(line)) return undefined;
  return line
    .split(/[|│]/)
    .slice(1, -1)
    .map((cell) => cell.trim());
}

/** The lines without the frames of tables, and the cells of columns that are a server's own without what they say. */
function withoutFrames(lines: readonly string[], ownColumns: RegExp | undefined): string[] {
  const kept: string[] = [];
  let columns: string[] | undefined;
  for (const line of lines) {
    const cells = cellsOf(line);
    const frame = /^[+\-=|─═╭╮╰╯├┤┬┴┼│\s]*$/.test(line);
    if (cells === undefined || cells.every((cell) => cell === '')) {
      if (!frame) kept.push(line.trim());
      else if (!/[|│]/.test(line) && /^[╭╰]/.test(line)) columns = undefined;
      continue;
    }
    columns ??= cells;
    const told = cells.map((cell, index) =>
      columns !== cells && cells.length === columns?.length && ownColumns?.test(columns[index] ?? '')
        ? '…'
        : cell,
    );
    kept.push(told.join(' | '));
  }
  return kept;
}

export class CommandLine {
  readonly outcomes: Outcome[] = [];
  readonly #tool: Tool;
  readonly #server: ManagedServer;
  readonly #node: string;
  /** Where files are written: `{directory}` in a command. */
  readonly #directory: string;

  private constructor(tool: Tool, server: ManagedServer, node: string, directory: string) {
    this.#tool = tool;
    this.#server = server;
    this.#node = node;
    this.#directory = directory;
  }

  static async start(tool: Tool, server: ManagedServer): Promise<CommandLine> {
    const { json } = await exchange(server.managementPort, 'GET', '/api/overview');
    const directory = await mkdtemp(join(tmpdir(), 'warren-command-line-'));
    return new CommandLine(tool, server, (json as { node: string }).node, directory);
  }

  get server(): ManagedServer {
    return this.#server;
  }

  /** A request beside the tool. */
  async ask(method: string, path: string, body?: unknown): Promise<unknown> {
    return (await exchange(this.#server.managementPort, method, path, { body })).json;
  }

  /**
   * Runs a command line, whose words are separated by spaces or given one by one, and remembers what came of it.
   *
   * @param input what it reads
   */
  async run(command: string | readonly string[], input = ''): Promise<Outcome> {
    const words = typeof command === 'string' ? command.split(' ') : command;
    const filled = words.map((word) => this.#filled(word));
    const child = spawn(
      this.#tool.program,
      [...this.#tool.argumentsFor(this.#server), ...filled],
      // A file of the user's own that says otherwise is not looked at.
      { env: { ...process.env, HOME: this.#directory, NO_COLOR: '1' }, timeout: COMMAND_MS },
    );
    const ended = once(child, 'close') as Promise<[number | null]>;
    let printed = '';
    let complaints = '';
    child.stdout.on('data', (chunk: Buffer) => (printed += chunk.toString()));
    child.stderr.on('data', (chunk: Buffer) => (complaints += chunk.toString()));
    // It may end without having read.
    child.stdin.on('error', () => {});
    child.stdin.end(input);
    const [code] = await ended;
    const outcome = {
      command: this.#marked(words.join(' ')),
      code,
      printed: this.#lines(printed + complaints),
    };
    this.outcomes.push(outcome);
    return outcome;
  }

  /** A file of the directory that `{directory}` stands for. */
  async file(name: string): Promise<string> {
    return await readFile(join(this.#directory, name), 'utf8');
  }

  async stop(): Promise<void> {
    await rm(this.#directory, { recursive: true, force: true });
  }

  #filled(word: string): string {
    return word.replaceAll('{directory}', this.#directory).replaceAll('{node}', this.#node);
  }

  #marked(text: string): string {
    const { port, managementPort } = this.#server;
    return (
      marked(text, { node: this.#node, port, managementPort })
        .replaceAll(this.#directory, '<directory>')
        // What 3.10 says of a wrong password, and what 4 does.
        .replaceAll('Login failed', 'Not_Authorized')
        // 3.10 escapes some reasons as if they were HTML.
        .replaceAll('&lt;', '<')
        .replaceAll('&gt;', '>')
    );
  }

  #lines(text: string): string[] {
    return withoutFrames(this.#marked(text).split('\n'), this.#tool.ownColumns);
  }
}
