// What is answered where RabbitMQ 3.10 answers something else, and why: RabbitMQ 4 does, or it is a defect of 3.10.

interface Expectation {
  readonly why: string;
  /** By request, as it is written down (without its number where it says enough without): the lines of the answer. */
  readonly answers: Readonly<Record<string, readonly string[]>>;
}

function refused(reason: unknown): string[] {
  const error = ['status 400', 'content-type: application/json', 'error = "bad_request"'];
  return [...error, `reason = ${JSON.stringify(reason)}`];
}

const notFound = [
  'status 404',
  'content-type: application/json',
  'error = "Object Not Found"',
  'reason = "Not Found"',
];

const expectations: readonly Expectation[] = [
  {
    why: '3.10 takes a value of a wrong type, makes something of it, or passes over it; it is refused.',
    answers: {
      'PUT /api/vhosts/typed {"description":1}': refused(['not_string', 'description']),
      'PUT /api/vhosts/typed {"tags":[1]}': refused(['not_a_list', 'tags']),
      'PUT /api/vhosts/typed {"default_queue_type":"nonsense"}': refused(
        'Unsupported default queue type: nonsense',
      ),
      'PUT /api/queues/proof/bad true': refused('not_json'),
      'POST /api/exchanges/proof/amq.default/publish {"properties":{},"routing_key":1,"payload":"hello","payload_encoding":"string"}':
        refused(['not_string', 'routing_key']),
      'POST /api/bindings/proof/e/amq.direct/q/q {"routing_key":1}': refused(['not_string', 'routing_key']),
      'POST /api/queues/proof/q/get {"count":1.5,"ackmode":"ack_requeue_true","encoding":"auto"}': refused([
        'not_integer',
        1.5,
      ]),
      'PUT /api/topic-permissions/proof/u {"exchange":1,"write":".*","read":".*"}': refused([
        'not_string',
        'exchange',
      ]),
      'PUT /api/users/u {"password_hash":"AAAAAGLGDyOOMO7fCHEbrJ9mEBzZrmLUoVi/2pXRqqLl2BYE","tags":"","hashing_algorithm":"nonsense"}':
        refused('hashing algorithm nonsense is not supported'),
      '20 GET /api/users/u?columns=name,hashing_algorithm,tags,limits': notFound,
      'PUT /api/queues/proof/%ff {}': ['status 400'],
      'GET /api/health/checks/certificate-expiration/-1/days': refused('Invalid expiration time range.'),
    },
  },
  {
    why: 'A page that no number can count is no page.',
    answers: {
      'GET /api/queues/proof?page=99999999999999999999&columns=name&sort=name': refused(
        'Pagination parameters are invalid',
      ),
    },
  },
  {
    why: 'The order is not turned round by a word that is not true, and that is all.',
    answers: {
      'GET /api/queues/proof?sort=name&sort_reverse=nonsense&columns=name': [
        'status 200',
        'content-type: application/json',
        '["apple"].name = "apple"',
        '["banana"].name = "banana"',
        '["cherry"].name = "cherry"',
        '["date"].name = "date"',
        '["elder.berry"].name = "elder.berry"',
        'body in order: "apple", "banana", "cherry", "date", "elder.berry"',
      ],
    },
  },
  {
    why: 'Health checks of a node without a name are gone in RabbitMQ 4.',
    answers: {
      'GET /api/healthchecks/node': notFound,
      'GET /api/healthchecks/node/<node>': notFound,
    },
  },
  {
    why: 'Two dots are a name like any other where they are in a name’s place; Cowboy goes up a folder.',
    answers: {
      'PUT /api/queues/proof/.. {}': ['status 201'],
      'GET /api/queues/proof/..?columns=name': [
        'status 200',
        'content-type: application/json',
        'name = ".."',
      ],
      'DELETE /api/queues/proof/..': ['status 204'],
    },
  },
  {
    why: 'What is not there is not found.',
    answers: {
      'POST /api/vhosts/nowhere/start/<node>': notFound,
      'GET /api/queues/nowhere/q/bindings': notFound,
      'GET /api/queues/proof/none/bindings': ['status 200', 'content-type: application/json', 'body = []'],
    },
  },
  {
    why: 'RabbitMQ fails with what Erlang says of it; ours says what is wrong.',
    answers: {
      'PUT /api/exchanges/proof/typed {"type":"x-consistent-hash","arguments":{"hash-header":1}}': refused(
        "Invalid argument 1, 'hash-header' must be a string",
      ),
      'PUT /api/exchanges/proof/typed {"type":1}': refused("invalid exchange type '1'"),
      'POST /api/definitions {"queues":[{"name":"q"}]}': refused(
        'Virtual host does not exist and is not specified in definitions file.',
      ),
      'POST /api/definitions {"queues":[{"name":"q","vhost":"nowhere","durable":true,"auto_delete":false,"arguments":{}}]}':
        refused('Please create virtual host "nowhere" prior to importing definitions.'),
      'POST /api/definitions {"queues":[{"name":"q","vhost":"proof","durable":"x","auto_delete":false,"arguments":{}}]}':
        refused(['not_boolean', 'x']),
      'POST /api/definitions {"exchanges":[{"name":"x","vhost":"proof","type":"unheard-of","durable":true,"auto_delete":false,"internal":false,"arguments":{}}]}':
        refused("command_invalid: unknown exchange type 'unheard-of'"),
      'POST /api/definitions {"exchanges":[{"name":"x","vhost":"proof"}]}': refused(['not_string', 'type']),
    },
  },
  {
    why: 'An array without anything is PHP’s empty object.',
    answers: {
      'POST /api/exchanges/proof/amq.default/publish {"properties":[],"routing_key":"q","payload":"hello","payload_encoding":"string"}':
        ['status 200', 'content-type: application/json', 'routed = true'],
    },
  },
  {
    why: 'RabbitMQ 4 knows more keys and more kinds of queues to apply policies to, and a delivery limit of less than nothing is none.',
    answers: {
      'PUT /api/policies/proof/p {"pattern":"^q","definition":{"max-length":10},"priority":2,"apply-to":"nonsense"}':
        refused(
          "Validation failed\n\napply-to 'nonsense' unrecognised; should be one of: 'queues', 'classic_queues',  'quorum_queues', 'streams', 'exchanges', or 'all'\n",
        ),
      'PUT /api/operator-policies/proof/p {"pattern":"^q","definition":{"max-length":10},"priority":2,"apply-to":"nonsense"}':
        refused(
          "Validation failed\n\napply-to 'nonsense' unrecognised; should be one of: 'queues', 'classic_queues',  'quorum_queues', 'streams', 'exchanges', or 'all'\n",
        ),
      'PUT /api/policies/proof/p {"pattern":"^q","definition":{"max-length":10},"priority":2,"apply-to":"classic_queues"}':
        ['status 201'],
      'PUT /api/operator-policies/proof/p {"pattern":"^q","definition":{"max-length":10},"priority":2,"apply-to":"classic_queues"}':
        ['status 201'],
      'PUT /api/operator-policies/proof/p {"pattern":".*","definition":{"overflow":"reject-publish"}}': [
        'status 201',
      ],
      'PUT /api/operator-policies/proof/p {"pattern":".*","definition":{"overflow":"nonsense"}}': refused(
        'Validation failed\n\n<<"nonsense">> is not a valid overflow value\n',
      ),
      'PUT /api/policies/proof/p {"pattern":".*","definition":{"delivery-limit":-1}}': ['status 204'],
      'PUT /api/operator-policies/proof/p {"pattern":".*","definition":{"delivery-limit":-1}}': [
        'status 204',
      ],
      'PUT /api/policies/proof/p {"pattern":".*","definition":{"consumer-timeout":"x"}}': refused(
        'Validation failed\n\n<<"x">> is not a valid consumer timeout\n',
      ),
      'PUT /api/operator-policies/proof/p {"pattern":".*","definition":{"queue-version":3}}': refused(
        'Validation failed\n\n3 is not a valid queue-version value\n',
      ),
    },
  },
  {
    why: 'RabbitMQ 4 tells of OAuth 2 alone.',
    answers: {
      'GET /api/auth': ['status 200', 'content-type: application/json', 'oauth_enabled = false'],
      'GET /api/auth as nobody': ['status 200', 'content-type: application/json', 'oauth_enabled = false'],
    },
  },
  {
    why: 'Deleting several users is done for all of them or none.',
    answers: {
      '2 GET /api/users?columns=name': [
        'status 200',
        'content-type: application/json',
        '["a"].name = "a"',
        '["b"].name = "b"',
        '["c"].name = "c"',
        '["guest"].name = "guest"',
      ],
    },
  },
  {
    why: 'Null is no routing key, and none is the empty one.',
    answers: {
      'POST /api/bindings/proof/e/amq.direct/q/q {"routing_key":null}': ['status 201', 'location: q/~'],
    },
  },
  {
    why: 'Definitions that name what is not there are refused as a whole.',
    answers: {
      'POST /api/definitions {"bindings":[{"source":"none","vhost":"proof","destination":"none","destination_type":"queue","routing_key":"","arguments":{}}]}':
        refused("not_found: no exchange 'none' in vhost 'proof'"),
    },
  },
  {
    why: 'A header without a value is null; 3.10 knows no such thing and says undefined.',
    answers: {
      '1 POST /api/queues/proof/q/get {"count":10,"ackmode":"ack_requeue_true","encoding":"auto"}': [
        'status 200',
        'content-type: application/json',
        '[""].exchange = ""',
        '[""].exchange = ""',
        '[""].message_count = 0',
        '[""].message_count = 1',
        '[""].payload = ""',
        '[""].payload = "//4A"',
        '[""].payload_bytes = 0',
        '[""].payload_bytes = 3',
        '[""].payload_encoding = "base64"',
        '[""].payload_encoding = "string"',
        '[""].properties.content_type = "application/octet-stream"',
        '[""].properties.headers = {}',
        '[""].properties.headers.list = []',
        '[""].properties.headers.none = null',
        '[""].properties.headers.text = "x"',
        '[""].properties.headers.when = 1700000000',
        '[""].properties.timestamp = <number>',
        '[""].redelivered = false',
        '[""].redelivered = false',
        '[""].routing_key = "q"',
        '[""].routing_key = "q"',
      ],
      '2 POST /api/queues/proof/q/get {"count":10,"ackmode":"ack_requeue_true","encoding":"base64"}': [
        'status 200',
        'content-type: application/json',
        '[""].exchange = ""',
        '[""].exchange = ""',
        '[""].message_count = 0',
        '[""].message_count = 1',
        '[""].payload = ""',
        '[""].payload = "//4A"',
        '[""].payload_bytes = 0',
        '[""].payload_bytes = 3',
        '[""].payload_encoding = "base64"',
        '[""].payload_encoding = "base64"',
        '[""].properties.content_type = "application/octet-stream"',
        '[""].properties.headers = {}',
        '[""].properties.headers.list = []',
        '[""].properties.headers.none = null',
        '[""].properties.headers.text = "x"',
        '[""].properties.headers.when = 1700000000',
        '[""].properties.timestamp = <number>',
        '[""].redelivered = true',
        '[""].redelivered = true',
        '[""].routing_key = "q"',
        '[""].routing_key = "q"',
      ],
    },
  },
];

/** What must be answered to `request`, where that is not what RabbitMQ 3.10 does. */
export function expectedOf(request: string): readonly string[] | undefined {
  const unnumbered = request.replace(/^\d+ /, '');
  for (const { answers } of expectations) {
    const lines = answers[request] ?? answers[unnumbered];
    if (lines) return lines;
  }
  return undefined;
}
