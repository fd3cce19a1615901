/**
 * The index template of the logs: field names of the Elastic Common Schema 8 with the types that
 * every server has, and everything else as it comes. Pure data.
 */

/** The name of the template and of the lifecycle policy. */
export const TEMPLATE_NAME = 'warren-logs';

/** Counts up whenever the template changes, so that a collector replaces an older one. */
export const TEMPLATE_VERSION = 1;

/**
 * Above the template for `logs-*-*` that Elasticsearch brings along (100), below those of Elastic's
 * integrations (200), which two templates of one priority and overlapping patterns would refuse.
 */
const PRIORITY = 150;

const KEYWORD = { type: 'keyword', ignore_above: 1024 };
const TEXT = { type: 'text' };

const MAPPINGS = {
  date_detection: false,
  numeric_detection: false,
  dynamic_templates: [
    { labels: { path_match: 'labels.*', mapping: KEYWORD } },
    { strings: { match_mapping_type: 'string', mapping: KEYWORD } },
  ],
  properties: {
    '@timestamp': { type: 'date' },
    message: TEXT,
    tags: KEYWORD,
    labels: { type: 'object' },
    log: {
      properties: {
        level: KEYWORD,
        logger: KEYWORD,
        offset: { type: 'long' },
        file: { properties: { path: KEYWORD } },
      },
    },
    service: { properties: { name: KEYWORD, version: KEYWORD, environment: KEYWORD } },
    host: { properties: { hostname: KEYWORD, name: KEYWORD } },
    process: {
      properties: { pid: { type: 'long' }, name: KEYWORD, thread: { properties: { name: KEYWORD } } },
    },
    trace: { properties: { id: KEYWORD } },
    span: { properties: { id: KEYWORD } },
    error: { properties: { type: KEYWORD, message: TEXT, stack_trace: TEXT } },
    event: { properties: { id: KEYWORD, action: KEYWORD, created: { type: 'date' } } },
  },
};

/** The body of `PUT _index_template/warren-logs`. */
export function logsTemplate(has: { dataStreams: boolean; lifecycle: boolean }): object {
  return {
    index_patterns: ['logs-*-*'],
    priority: PRIORITY,
    version: TEMPLATE_VERSION,
    ...(has.dataStreams ? { data_stream: {} } : {}),
    _meta: { description: 'Log records, written by Warren', managed_by: 'warren' },
    template: {
      settings: {
        // A conflict is refused, and dead-lettered with its reason, not dropped from the document.
        'index.mapping.ignore_malformed': false,
        'index.mapping.total_fields.limit': 1000,
        'index.auto_expand_replicas': '0-1',
        ...(has.lifecycle ? { 'index.lifecycle.name': TEMPLATE_NAME } : {}),
      },
      mappings: MAPPINGS,
    },
  };
}

/** The body of `PUT _ilm/policy/warren-logs`: new backing indices by size and age; nothing is deleted. */
export const LIFECYCLE_POLICY = {
  policy: {
    phases: {
      hot: { actions: { rollover: { max_primary_shard_size: '50gb', max_age: '7d' } } },
    },
    _meta: { description: 'Log records, written by Warren', managed_by: 'warren' },
  },
};
