import { describe, expect, it } from 'vitest';
import { enrich, enrichmentFields } from './enrichment.js';

const ID = '0123456789abcdef'.repeat(4);
const nothing = (): undefined => undefined;

describe('enrichment', () => {
  it('reads the downward API of Kubernetes, and fields of one’s own', () => {
    const environment = {
      POD_NAME: 'order-1',
      POD_NAMESPACE: 'shop',
      NODE_NAME: 'node-7',
      POD_IP: '10.0.0.7',
      TEAM: 'blue',
    };
    expect(
      enrichmentFields({ fields: { 'labels.team': 'TEAM', 'labels.none': 'NONE' } }, environment, nothing),
    ).toEqual({
      kubernetes: { pod: { name: 'order-1', ip: '10.0.0.7' }, namespace: 'shop', node: { name: 'node-7' } },
      labels: { team: 'blue' },
    });
  });

  it('knows the pod and its namespace without the downward API', () => {
    const environment = { KUBERNETES_SERVICE_HOST: '10.0.0.1', HOSTNAME: 'order-2' };
    const read = (path: string) => (path.endsWith('/namespace') ? 'shop\n' : undefined);
    expect(enrichmentFields({}, environment, read)).toEqual({
      kubernetes: { pod: { name: 'order-2' }, namespace: 'shop' },
    });
  });

  it.each([
    ['Docker, version 1 of control groups', '/proc/self/cgroup', `12:memory:/docker/${ID}\n`],
    [
      'containerd in a pod',
      '/proc/self/cgroup',
      `0::/kubepods.slice/kubepods-pod1.slice/cri-containerd-${ID}.scope\n`,
    ],
    ['CRI-O', '/proc/self/cgroup', `1:cpu:/kubepods/burstable/pod1/crio-${ID}.scope\n`],
    [
      'Docker, version 2 of control groups',
      '/proc/self/mountinfo',
      `745 735 8:1 /var/lib/docker/containers/${ID}/hostname /etc/hostname rw - ext4 /dev/sda1 rw\n`,
    ],
    [
      'Podman',
      '/proc/self/mountinfo',
      `9 8 0:1 /containers/storage/overlay-containers/${ID}/userdata/hostname /etc/hostname rw - tmpfs tmpfs rw\n`,
    ],
  ])('finds the container’s id: %s', (_, file, content) => {
    const read = (path: string) => (path === file ? content : '0::/\n');
    expect(enrichmentFields({}, {}, read)).toEqual({ container: { id: ID } });
  });

  it('says nothing where there is nothing to say', () => {
    expect(enrichmentFields({}, { POD_NAME: '' }, () => '0::/user.slice\n')).toEqual({});
  });

  it('leaves what a record says itself, and the record as it was', () => {
    const record = {
      '@timestamp': '2026-01-31T10:20:30.456Z',
      message: 'x',
      log: { level: 'info' },
      service: { name: 'order' },
      event: { id: 'x' },
      labels: { team: 'red' },
      cloud: 'plain',
    } as const;
    const before = structuredClone(record);
    const fields = {
      labels: { team: 'blue', stage: 'live' },
      cloud: { region: 'eu' },
      container: { id: ID },
    };
    expect(enrich(record, fields)).toEqual({
      ...record,
      labels: { team: 'red', stage: 'live' },
      container: { id: ID },
    });
    expect(record).toEqual(before);
  });
});
