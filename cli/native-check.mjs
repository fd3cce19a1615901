// Runs after `npm install`, before anything is compiled, hence plain JavaScript.
//
// better-sqlite3 is an optional dependency in package.json for one reason: where it must be compiled
// and a tool for that is missing, npm then goes on to here, and one line of advice takes the place of
// a compiler's stack trace. Warren itself does not run without it.
try {
  const { default: Database } = await import('better-sqlite3');
  new Database(':memory:').close();
} catch {
  process.stderr.write(
    'warren: better-sqlite3 could not be loaded: it had to be compiled here, or was compiled for another Node.\n' +
      'warren: install python3, make and g++ (Debian: apt-get install python3 make g++; macOS: xcode-select --install),\n' +
      'warren: then run npm install again.\n',
  );
  process.exitCode = 1;
}
