/**
 * What is known of the place a process runs in, in ECS: its container, its pod, its node. Looked up
 * once, when the publisher starts, and put into every record that does not say otherwise itself.
 */
import { readFileSync } from 'node:fs';
import { isObject } from '../fields/nesting.js';
import type { LogRecord } from '../record.js';

/** What records are enriched with. */
export interface EnrichmentOptions {
  /** Fields of one's own, each from a variable of the environment: `{ 'labels.team': 'TEAM' }`. */
  fields?: Readonly<Record<string, string>>;
}

type Fields = Record<string, unknown>;

/**
 * Fields, and the variables they are read from. Those of Kubernetes' downward API have the names that
 * its documentation uses, and others are common.
 */
const VARIABLES: readonly (readonly [field: string, ...variables: string[]])[] = [
  ['kubernetes.pod.name', 'POD_NAME', 'MY_POD_NAME', 'K8S_POD_NAME'],
  ['kubernetes.pod.uid', 'POD_UID', 'MY_POD_UID', 'K8S_POD_UID'],
  ['kubernetes.pod.ip', 'POD_IP', 'MY_POD_IP', 'K8S_POD_IP'],
  ['kubernetes.namespace', 'POD_NAMESPACE', 'MY_POD_NAMESPACE', 'K8S_NAMESPACE', 'K8S_POD_NAMESPACE'],
  ['kubernetes.node.name', 'NODE_NAME', 'MY_NODE_NAME', 'K8S_NODE_NAME'],
  ['kubernetes.container.name', 'CONTAINER_NAME', 'MY_CONTAINER_NAME', 'K8S_CONTAINER_NAME'],
  ['container.image.name', 'CONTAINER_IMAGE'],
  ['cloud.region', 'AWS_REGION', 'GOOGLE_CLOUD_REGION', 'AZURE_REGION'],
];
/** The namespace of a pod that has a service account. */
const NAMESPACE_FILE = '/var/run/secrets/kubernetes.io/serviceaccount/namespace';
/** With version 1 of control groups the first file names the container, with version 2 the second. */
const CONTAINER_FILES = ['/proc/self/cgroup', '/proc/self/mountinfo'];
const CONTAINER_ID =
  /(?:docker|containerd|crio|libpod|kubepods|sandboxes|containers)[^\s]*?[/:-]([0-9a-f]{64})(?![0-9a-f])/;

/** The fields to enrich with, from an environment and the files of this process. */
export function enrichmentFields(
  options: EnrichmentOptions,
  environment: NodeJS.ProcessEnv,
  read: (path: string) => string | undefined = readOrNothing,
): Fields {
  const fields: Fields = {};
  for (const [field, ...variables] of VARIABLES) {
    const variable = variables.find((name) => environment[name]);
    if (variable !== undefined) set(fields, field, environment[variable]);
  }
  for (const [field, variable] of Object.entries(options.fields ?? {})) {
    set(fields, field, environment[variable] || undefined);
  }
  if (environment['KUBERNETES_SERVICE_HOST']) {
    set(fields, 'kubernetes.namespace', read(NAMESPACE_FILE)?.trim());
    // A pod's host name is its own, unless it is on its node's network.
    set(fields, 'kubernetes.pod.name', environment['HOSTNAME']);
  }
  for (const file of CONTAINER_FILES) set(fields, 'container.id', CONTAINER_ID.exec(read(file) ?? '')?.[1]);
  return fields;
}

/** The record with the fields; what it says itself stays. The record is not changed. */
export function enrich(record: LogRecord, fields: Fields): LogRecord {
  return merge(record, fields) as LogRecord;
}

function merge(own: Fields, others: Fields): Fields {
  const merged: Fields = { ...own };
  for (const [name, value] of Object.entries(others)) {
    const there = own[name];
    if (there === undefined) merged[name] = value;
    else if (isObject(there) && isObject(value)) merged[name] = merge(there, value);
  }
  return merged;
}

function set(fields: Fields, field: string, value: string | undefined): void {
  if (value === undefined || value === '') return;
  const names = field.split('.');
  const last = names.pop() ?? field;
  let parent = fields;
  for (const name of names) {
    const child = parent[name] ?? {};
    if (!isObject(child)) return;
    parent[name] = child;
    parent = child;
  }
  parent[last] ??= value;
}

function readOrNothing(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    // Not in a container, or not on Linux: then there is nothing to tell.
    return undefined;
  }
}
