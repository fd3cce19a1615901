/** The HTTP endpoints of the dead letters view: list, show, replay, mend. */
import type { FastifyInstance } from 'fastify';
import type { Letter, LetterList, ReplayOutcome } from '../model/api.js';
import { ConsoleError } from './console-error.js';
import type { LetterDesk } from './letter-desk.js';
import { letter, letterRow } from './letter-row.js';
import type { LogSearch } from './log-search.js';
import { acceptMalformed } from './mapping-mend.js';
import { storeError } from './store-error.js';

/** Letters read for one list. */
const LETTERS_MAX = 1000;

const ID = { type: 'string', minLength: 1, maxLength: 512 };
const PARAMETERS = { type: 'object', required: ['id'], properties: { id: ID } };

type ReplayBody = { ids: string[] } | { all: true };

const REPLAY_BODY = {
  type: 'object',
  additionalProperties: false,
  oneOf: [{ required: ['ids'] }, { required: ['all'] }],
  properties: { ids: { type: 'array', items: ID, minItems: 1, maxItems: LETTERS_MAX }, all: { const: true } },
};

/** Adds the endpoints under `/api/dead-letters`. */
export function addLetterRoutes(server: FastifyInstance, desk: LetterDesk, search: LogSearch): void {
  async function shown(id: string): Promise<Letter> {
    const found = await desk.show(id);
    if (found) return letter(found);
    const message = 'This letter is no longer in the queue: it was replayed, removed, or is being replayed.';
    throw new ConsoleError('ERR_WARREN_LETTER_NOT_FOUND', 404, message);
  }

  server.get('/api/dead-letters', async (): Promise<LetterList> => {
    try {
      const { letters, total } = await desk.list(LETTERS_MAX);
      return { letters: letters.map(letterRow).toReversed(), total };
    } catch (error) {
      // Before the first collector there is no queue, and so there is no letter.
      if ((error as { code?: unknown }).code === 'ERR_WARREN_QUEUE_MISSING') return { letters: [], total: 0 };
      throw error;
    }
  });

  server.get<{ Params: { id: string } }>(
    '/api/dead-letters/:id',
    { schema: { params: PARAMETERS } },
    (request) => shown(request.params.id),
  );

  server.post<{ Body: ReplayBody }>(
    '/api/dead-letters/replay',
    { schema: { body: REPLAY_BODY } },
    async (request): Promise<ReplayOutcome> => {
      const { replayed, notFound, failed, failures, left } = await desk.replay(request.body);
      return { replayed, notFound, failed, failure: failures[0]?.error ?? null, left };
    },
  );

  server.post<{ Params: { id: string } }>(
    '/api/dead-letters/:id/accept-malformed',
    { schema: { params: PARAMETERS } },
    async (request) => {
      const { conflict } = await shown(request.params.id);
      if (!conflict) {
        const message = 'This letter was not refused because of a field: there is no mapping to mend.';
        throw new ConsoleError('ERR_WARREN_NOT_MENDABLE', 409, message);
      }
      try {
        return await acceptMalformed(search.client, conflict);
      } catch (error) {
        throw storeError(error, search.url);
      }
    },
  );
}
