// Definitions: what is exported, imported, and refused.
import type { ManagementPlayer } from './player.js';
import { type ManagementScript, script } from './script.js';

async function makeSome(player: ManagementPlayer): Promise<void> {
  for (const [request, body] of [
    [
      'PUT /api/users/u',
      { password_hash: 'AAAAAGLGDyOOMO7fCHEbrJ9mEBzZrmLUoVi/2pXRqqLl2BYE', tags: 'management' },
    ],
    ['PUT /api/permissions/proof/u', { configure: '^a', write: '^b', read: '^c' }],
    ['PUT /api/topic-permissions/proof/u', { exchange: 'amq.topic', write: '^a', read: '^b' }],
    ['PUT /api/vhost-limits/proof/max-queues', { value: 100 }],
    [
      'PUT /api/policies/proof/p',
      { pattern: '^q', definition: { 'max-length': 10 }, priority: 1, 'apply-to': 'queues' },
    ],
    ['PUT /api/operator-policies/proof/o', { pattern: '^q', definition: { 'max-length': 9 } }],
    ['PUT /api/queues/proof/q', { durable: true, arguments: { 'x-message-ttl': 1000 } }],
    ['PUT /api/queues/proof/passing', { durable: false, auto_delete: true }],
    [
      'PUT /api/exchanges/proof/x',
      { type: 'topic', durable: true, arguments: { 'alternate-exchange': 'amq.fanout' } },
    ],
    ['POST /api/bindings/proof/e/x/q/q', { routing_key: 'a.#', arguments: { a: 1 } }],
    ['POST /api/bindings/proof/e/x/e/amq.fanout', { routing_key: 'b' }],
    ['PUT /api/global-parameters/proof', { value: { a: 1 } }],
  ] as const) {
    await player.quietly(request, { body });
  }
}

const whatIsThere = [
  'GET /api/queues/proof?columns=name,durable,auto_delete,arguments',
  'GET /api/exchanges/proof?columns=name,type,durable,arguments',
  'GET /api/bindings/proof',
  'GET /api/policies/proof',
  'GET /api/operator-policies/proof',
  'GET /api/vhost-limits/proof',
  'GET /api/permissions/proof/u',
  'GET /api/topic-permissions/proof/u',
  'GET /api/users/u',
];

export const definitionScripts: readonly ManagementScript[] = [
  script('definitions are exported, of all and of one virtual host', async (player) => {
    await makeSome(player);
    await player.requests(
      'GET /api/definitions',
      'GET /api/definitions/proof',
      'GET /api/all-configuration',
      'GET /api/definitions/nowhere',
      'GET /api/definitions?download=a.json',
    );
  }),
  script('what was exported of all is imported again', async (player) => {
    await makeSome(player);
    const { json } = await player.quietly('GET /api/definitions');
    await player.quietly('DELETE /api/vhosts/proof');
    await player.quietly('DELETE /api/users/u');
    await player.requests(['POST /api/definitions', { body: '' }], 'GET /api/queues/proof');
    const { status } = await player.quietly('POST /api/definitions', { body: json });
    player.note('importing', status);
    await player.requests(...whatIsThere, 'GET /api/global-parameters/proof');
    const { status: again } = await player.quietly('POST /api/definitions', { body: json });
    player.note('importing again', again);
  }),
  script('what was exported of one virtual host is imported into another', async (player) => {
    await makeSome(player);
    const { json } = await player.quietly('GET /api/definitions/proof');
    await player.quietly('PUT /api/vhosts/other');
    const { status } = await player.quietly('POST /api/definitions/other', { body: json });
    player.note('importing', status);
    for (const request of whatIsThere.slice(0, 6)) await player.request(request.replace('/proof', '/other'));
  }),
  script('definitions may be given in part, and as a form', async (player) => {
    const queues = [{ name: 'q', vhost: 'proof', durable: true, auto_delete: false, arguments: {} }];
    const boundary = 'boundary';
    const form = [
      `--${boundary}`,
      'Content-Disposition: form-data; name="file"; filename="definitions.json"',
      'Content-Type: application/json',
      '',
      JSON.stringify({ queues: [{ ...queues[0], name: 'of the form' }] }),
      `--${boundary}--`,
      '',
    ].join('\r\n');
    await player.requests(
      ['POST /api/definitions', { body: { queues } }],
      [
        'POST /api/definitions',
        { body: form, headers: { 'content-type': `multipart/form-data; boundary=${boundary}` } },
      ],
      'GET /api/queues/proof?columns=name,durable',
      ['POST /api/definitions', { body: {} }],
      ['POST /api/definitions/nowhere', { body: { queues: [] } }],
    );
  }),
  script('definitions that cannot be are refused, with what is wrong', async (player) => {
    for (const body of [
      '{bad',
      '[]',
      '"x"',
      { queues: 'x' },
      { queues: [{ name: 'q' }] },
      { queues: [{ name: 'q', vhost: 'nowhere', durable: true, auto_delete: false, arguments: {} }] },
      { queues: [{ name: 'q', vhost: 'proof', durable: 'x', auto_delete: false, arguments: {} }] },
      {
        exchanges: [
          {
            name: 'x',
            vhost: 'proof',
            type: 'unheard-of',
            durable: true,
            auto_delete: false,
            internal: false,
            arguments: {},
          },
        ],
      },
      { exchanges: [{ name: 'x', vhost: 'proof' }] },
      {
        bindings: [
          {
            source: 'none',
            vhost: 'proof',
            destination: 'none',
            destination_type: 'queue',
            routing_key: '',
            arguments: {},
          },
        ],
      },
      { users: [{ name: 'u' }] },
      { users: [{ name: 'u', password_hash: 'x', tags: '' }] },
      { permissions: [{ user: 'nobody', vhost: 'proof', configure: '', write: '', read: '' }] },
      { permissions: [{ user: 'guest', vhost: 'proof', configure: '(', write: '', read: '' }] },
      { policies: [{ name: 'p', vhost: 'proof', pattern: '(', definition: { 'max-length': 1 } }] },
      { policies: [{ name: 'p', vhost: 'proof', pattern: '', definition: { nonsense: 1 } }] },
      { parameters: [{ name: 'p', vhost: 'proof', component: 'nonsense', value: 1 }] },
      { unknown: [1] },
    ]) {
      await player.request('POST /api/definitions', { body });
    }
    await player.quietly('DELETE /api/users/u');
  }),
];
