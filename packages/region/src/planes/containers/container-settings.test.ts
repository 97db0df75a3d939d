import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { ImageConfig } from '../images/image.ts';
import { containerSettings, type EngineSpec, type SettingsSource } from './container-settings.ts';

const machine = {
  nodePath: '/home/me/node',
  systemFolders: ['/usr:/usr', '/usr/bin:/bin'],
  maximumOpenFiles: 20_000,
  maximumProcesses: Number.POSITIVE_INFINITY,
};

function settings(
  spec: Partial<EngineSpec>,
  more: Partial<SettingsSource> & { readonly config?: ImageConfig } = {},
) {
  const { config = {}, ...source } = more;
  return containerSettings({
    spec: {
      id: 'c-1',
      name: 'app',
      taskArn: 't',
      image: { digest: 'sha256:0', engineId: 'sha256:1', config },
      ...spec,
    },
    environment: {},
    labels: {},
    machine,
    ...source,
  }) as Record<string, unknown> & { readonly HostConfig: Record<string, unknown>; readonly Env: string[] };
}

describe('settings of a container', () => {
  it('takes the image’s command and folder unless the task definition has its own', () => {
    const { Image, Cmd, Entrypoint, WorkingDir } = settings({});
    assert.deepEqual([Image, Cmd, Entrypoint, WorkingDir], ['sha256:1', undefined, undefined, undefined]);
    const own = settings({ entryPoint: ['sh', '-c'], command: ['x'], workingDirectory: '../a/./b' });
    assert.deepEqual([own['Entrypoint'], own['Cmd'], own['WorkingDir']], [['sh', '-c'], ['x'], '/a/b']);
    assert.equal(settings({ command: [] })['Cmd'], undefined);
  });

  const limits: readonly (readonly [string, Partial<EngineSpec>, Partial<SettingsSource>, object])[] = [
    ['nothing given', {}, {}, {}],
    [
      'the task’s size is a hard limit',
      {},
      { taskSize: { cpu: 256, memoryMiB: 512 } },
      { Memory: 536_870_912, MemorySwap: 536_870_912, NanoCpus: 250_000_000 },
    ],
    [
      'the container’s memory is one within it, its cpu a share',
      { cpu: 128, memoryMiB: 64 },
      { taskSize: { cpu: 1024, memoryMiB: 2048 } },
      { Memory: 67_108_864, MemorySwap: 67_108_864, NanoCpus: 1_000_000_000, CpuShares: 128 },
    ],
    ['Linux’s least share is 2', { cpu: 1 }, {}, { CpuShares: 2 }],
  ];
  for (const [name, spec, source, expected] of limits) {
    it(`limits: ${name}`, () => {
      const { Memory, MemorySwap, NanoCpus, CpuShares } = settings(spec, source).HostConfig;
      assert.deepEqual(JSON.parse(JSON.stringify({ Memory, MemorySwap, NanoCpus, CpuShares })), expected);
    });
  }

  it('never asks for more open files and processes than this process may have', () => {
    assert.deepEqual(settings({}).HostConfig['Ulimits'], [
      { Name: 'nofile', Soft: 20_000, Hard: 20_000 },
      { Name: 'nproc', Soft: 32_768, Hard: 32_768 },
    ]);
  });

  it('leaves an ordinary image its own system', () => {
    const { Env, HostConfig, Volumes } = settings(
      {},
      { config: { Env: ['PATH=/x', 'HOST=0.0.0.0', 'A=1'] }, environment: { A: '2' } },
    );
    assert.deepEqual(Env, ['HOST=0.0.0.0', 'PATH=/x', 'A=2']);
    assert.equal(HostConfig['NetworkMode'], 'host');
    assert.equal(HostConfig['Binds'], undefined);
    assert.equal(Volumes, undefined);
  });

  it('gives an image that Plimsoll packed this machine’s system and Node.js, read-only', () => {
    const config = { Env: ['PATH=/x'], Labels: { 'org.plimsoll.process': 'true' } };
    const { Env, HostConfig, Volumes } = settings({}, { config });
    assert.ok(Env.some((pair) => pair.startsWith('PATH=/opt/plimsoll/bin:/usr/local/sbin:')));
    assert.deepEqual(HostConfig['Binds'], [
      '/usr:/usr:ro',
      '/usr/bin:/bin:ro',
      '/home/me/node:/opt/plimsoll/bin/node:ro',
    ]);
    assert.deepEqual(Volumes, { '/tmp': {} });
  });
});
