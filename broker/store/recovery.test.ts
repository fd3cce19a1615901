import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { DataDirectory } from './data-directory.js';
import { recover } from './recovery.js';

test('a new queue never gets the number of one that left entries behind, since these are swept by it', async () => {
  const path = mkdtempSync(join(tmpdir(), 'warren-recovery-'));
  const directory = DataDirectory.open(path);
  try {
    const { database } = directory;
    const leave = database.prepare(
      'INSERT INTO entry (queue, message, expires_at, priority, body_bytes) VALUES (?, 1, 0, 0, 0)',
    );
    database.exec("INSERT INTO queue (id, name, auto_delete, arguments) VALUES (3, 'kept', 0, 'AAAAAA==')");
    expect(recover(database).nextQueueId).toBe(4);
    leave.run(7);
    expect(recover(database).nextQueueId).toBe(8);
    leave.run(-9);
    expect(recover(database).nextQueueId).toBe(10);
  } finally {
    directory.close();
    rmSync(path, { recursive: true });
  }
});
