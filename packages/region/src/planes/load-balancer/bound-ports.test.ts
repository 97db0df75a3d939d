import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ConfigureOutcome } from '../../services/elbv2/ports.ts';
import { BoundPorts, combined, joined } from './bound-ports.ts';
import type { ResolvedConfiguration } from './messages.ts';
import { configuration } from './testing/test-plane.ts';

type Wanted = Partial<Record<'port' | 'localPort', number> & { mayMove: boolean }>;

test('a listener that no thread has claims a port; one that a thread has stays there, with all', () => {
  const ports = new BoundPorts();
  assert.deepEqual(told(ports.shared(wanted())), ['0 claim']);
  ports.note(0, wanted(), listening(5000));
  assert.deepEqual(told(ports.shared(wanted())), ['5000 join']);
  assert.deepEqual(told(ports.shared(wanted({ localPort: 7000 }))), ['5000 join']);
});

test('one that must be elsewhere claims that port: another port on AWS, or the HTTP port', () => {
  const ports = new BoundPorts();
  ports.note(0, wanted(), listening(5000));
  assert.deepEqual(told(ports.shared(wanted({ port: 81 }))), ['0 claim']);
  assert.deepEqual(told(ports.shared(wanted({ localPort: 8080, mayMove: false }))), ['8080 claim']);
  assert.deepEqual(told(ports.shared(wanted({ localPort: 5000, mayMove: false }))), ['5000 join']);
});

test('a port is given up when no thread has it any more: each died, or was told to leave it', () => {
  const ports = new BoundPorts();
  for (const thread of [0, 1]) ports.note(thread, wanted(), listening(5000));
  ports.lose(0);
  assert.deepEqual(told(ports.shared(wanted())), ['5000 join']);
  ports.note(1, { ...wanted(), listeners: [] }, { loadBalancerArn: 'web', listeners: [] });
  assert.deepEqual(told(ports.shared(wanted())), ['0 claim']);
  ports.note(0, wanted(), listening(5000));
  ports.forget('web');
  assert.deepEqual(told(ports.shared(wanted())), ['0 claim']);
});

test('the others join what the first one has, and leave out what it could not bind', () => {
  assert.deepEqual(told(joined(wanted(), listening(5000))), ['5000 join']);
  assert.deepEqual(told(joined(wanted(), failed)), []);
});

test('a listener is up when all threads have it', () => {
  assert.deepEqual(combined(listening(5000), [listening(5000)]), listening(5000));
  assert.deepEqual(combined(listening(5000), [listening(5000), failed]), failed);
  assert.deepEqual(combined(failed, [{ loadBalancerArn: 'web', listeners: [] }]), failed);
});

const failed: ConfigureOutcome = {
  loadBalancerArn: 'web',
  listeners: [{ kind: 'failed', listenerArn: 'web/80', code: 'EMFILE', reason: 'too many files' }],
};

function wanted(given: Wanted = {}): ResolvedConfiguration {
  const { listeners, ...rest } = configuration('web', [], {}, []);
  const resolved = listeners.map((listener) => ({ ...listener, localPort: 0, mayMove: true, ...given }));
  return { ...rest, listeners: resolved, targetGroups: [] };
}

function listening(port: number): ConfigureOutcome {
  return {
    loadBalancerArn: 'web',
    listeners: [{ kind: 'listening', listenerArn: 'web/80', host: '127.0.0.1', port }],
  };
}

function told({ listeners }: ResolvedConfiguration): readonly string[] {
  return listeners.map(({ localPort, sharing }) => `${localPort} ${sharing}`);
}
