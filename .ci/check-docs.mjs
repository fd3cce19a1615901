// Checks that what the documents tell a reader to type is there: every `warren …` command and every
// flag of it in a fenced block, every `npm run …` script, every relative link.
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

const root = join(import.meta.dirname, '..');
const documents = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard', '*.md'], {
  cwd: root,
  encoding: 'utf8',
})
  .split('\n')
  .filter((path) => path !== '' && existsSync(join(root, path)));
const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
const problems = [];
const helpTexts = new Map();
let checked = 0;

for (const document of documents) {
  const lines = readFileSync(join(root, document), 'utf8').split('\n');
  let fenced = false;
  for (const [index, line] of lines.entries()) {
    if (line.startsWith('```')) fenced = !fenced;
    else if (fenced) checkCommands(line, `${document}:${index + 1}`);
    if (!fenced) checkLinks(line, document, `${document}:${index + 1}`);
  }
}

for (const problem of problems) console.error(problem);
console.log(`${checked} commands and links in ${documents.length} documents, ${problems.length} wrong`);
if (problems.length > 0 || checked === 0) process.exitCode = 1;

function checkCommands(line, place) {
  for (const [, script] of line.matchAll(/npm run ([\w:-]+)/g)) {
    expect(scripts[script] !== undefined, `${place}: there is no script "${script}" in package.json`);
  }
  const command = /(?:^|[|;&$]\s*|\bnpx |^\s+)warren ((?:[^|;&#']|'[^']*')*)/.exec(line);
  if (command) checkWarren(command[1].trim().split(/\s+/), place);
}

function checkWarren(words, place) {
  const named = [];
  while (words[named.length] !== undefined && /^[a-z][a-z-]*$/.test(words[named.length])) {
    const deeper = helpOf([...named, words[named.length]]);
    if (deeper === undefined || deeper === helpOf(named)) break;
    named.push(words[named.length]);
  }
  if (/^[a-z]+$/.test(words[0] ?? '')) {
    expect(named.length > 0, `${place}: there is no command "warren ${words[0]}"`);
  }
  const help = helpOf(named) ?? '';
  for (const flag of words.filter((word) => word.startsWith('--'))) {
    const name = flag.split('=')[0];
    expect(new RegExp(`${name}\\b`).test(help), `${place}: "warren ${named.join(' ')}" has no flag ${name}`);
  }
}

function helpOf(command) {
  const key = command.join(' ');
  if (!helpTexts.has(key)) helpTexts.set(key, readHelp(command));
  return helpTexts.get(key);
}

function readHelp(command) {
  try {
    const help = execFileSync(process.execPath, [join(root, 'dist/cli/warren.js'), ...command, '--help'], {
      encoding: 'utf8',
      stdio: 'pipe',
    });
    return help;
  } catch {
    return undefined;
  }
}

function checkLinks(line, document, place) {
  for (const [, target] of line.matchAll(/\]\(([^)#\s]+)[^)]*\)/g)) {
    if (/^[a-z]+:/.test(target)) continue;
    expect(existsSync(join(root, dirname(document), target)), `${place}: there is no ${target}`);
  }
}

function expect(holds, problem) {
  checked += 1;
  if (!holds) problems.push(problem);
}
