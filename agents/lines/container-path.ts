/** What the path of a container's log file tells of the container. */

/** The fields of the Elastic Common Schema, and those that Filebeat gives to Kubernetes. */
export interface ContainerFields {
  container?: { id: string };
  kubernetes?: {
    namespace: string;
    pod: { name: string; uid?: string };
    container: { name: string };
  };
}

/** `<pod>_<namespace>_<container>-<id>.log`: names of Kubernetes have no underscores (RFC 1123). */
const CONTAINERS = /\/var\/log\/containers\/([a-z0-9.-]+)_([a-z0-9-]+)_([a-z0-9.-]+)-([0-9a-f]{64})\.log/;
/** `<namespace>_<pod>_<uid>/<container>/<restarts>.log` */
const PODS = /\/var\/log\/pods\/([a-z0-9-]+)_([a-z0-9.-]+)_([0-9a-f-]+)\/([a-z0-9.-]+)\/\d+\.log/;
const DOCKER = /\/containers\/([0-9a-f]{64})\/\1-json\.log/;

/** The container that a file belongs to by its path, under whatever directory that is mounted; else `undefined`. */
export function containerOfPath(path: string): ContainerFields | undefined {
  const docker = DOCKER.exec(path)?.[1];
  if (docker !== undefined) return { container: { id: docker } };
  const symlink = CONTAINERS.exec(path);
  if (symlink !== null) {
    const [, pod, namespace, name, id] = symlink as unknown as [string, string, string, string, string];
    return { container: { id }, kubernetes: { namespace, pod: { name: pod }, container: { name } } };
  }
  const file = PODS.exec(path);
  if (file === null) return undefined;
  const [, namespace, pod, uid, name] = file as unknown as [string, string, string, string, string];
  return { kubernetes: { namespace, pod: { name: pod, uid }, container: { name } } };
}
