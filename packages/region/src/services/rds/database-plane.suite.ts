import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { DatabaseExit, DatabasePlane, DatabaseSpec } from './ports.ts';
import { passwordVerifier } from './scram.ts';

const salt = new Uint8Array(16).fill(7);

export function specOf(resourceId: string, more: Partial<DatabaseSpec> = {}): DatabaseSpec {
  const master = { name: 'app', passwordVerifier: passwordVerifier('first-password', salt) };
  return { resourceId, master, databaseName: 'shop', parameters: { max_connections: '20' }, ...more };
}

export interface PlaneUnderTest {
  readonly plane: DatabasePlane;
  /** Ends the database as by SIGKILL. */
  readonly crash: (resourceId: string) => void | Promise<void>;
}

/** What every DatabasePlane does; run on the fake and on the real one. */
export function databasePlaneSuite(name: string, open: () => PlaneUnderTest): void {
  test(`${name}: a database keeps its port over stop and start`, async () => {
    const { plane } = open();
    const started = await plane.start(specOf('db-A'));
    assert.ok(started.kind === 'started', JSON.stringify(started));
    assert.deepEqual(await plane.start(specOf('db-A')), started, 'a running database is left as it is');
    await plane.stop('db-A');
    await plane.stop('db-A');
    assert.deepEqual(await plane.start(specOf('db-A', { port: started.port })), started);
    await plane.destroy('db-A');
    await plane.destroy('db-A');
  });

  test(`${name}: a database that is not running refuses a new password`, async () => {
    const { plane } = open();
    await plane.start(specOf('db-B'));
    assert.deepEqual(await plane.setMasterPassword('db-B', specOf('db-B').master), { kind: 'done' });
    await plane.stop('db-B');
    const refused = await plane.setMasterPassword('db-B', specOf('db-B').master);
    assert.deepEqual(refused, { kind: 'failed', reason: 'the database is not running' });
    await plane.destroy('db-B');
  });

  test(`${name}: a database is restored from a snapshot that outlives its source`, async () => {
    const { plane } = open();
    await plane.start(specOf('db-C'));
    assert.deepEqual(await plane.takeSnapshot('db-C', 'snap-1'), { kind: 'done' });
    await plane.destroy('db-C');
    assert.deepEqual(await plane.takeSnapshot('db-C', 'snap-1'), { kind: 'done' }, 'asked for again');
    const restored = await plane.start(specOf('db-D', { snapshotId: 'snap-1' }));
    assert.equal(restored.kind, 'started');
    await plane.destroy('db-D');
    await plane.deleteSnapshot('snap-1');
    await plane.deleteSnapshot('snap-1');
    assert.equal((await plane.start(specOf('db-E', { snapshotId: 'snap-1' }))).kind, 'failed');
    await plane.destroy('db-E');
  });

  test(`${name}: a database that ends by itself is reported, and can be started again`, async () => {
    const { plane, crash } = open();
    const started = await plane.start(specOf('db-F'));
    const exit = new Promise<DatabaseExit>((resolve) => plane.onExit(resolve));
    await crash('db-F');
    assert.equal((await exit).resourceId, 'db-F');
    assert.deepEqual(await plane.start(specOf('db-F')), started);
    await plane.destroy('db-F');
  });

  test(`${name}: a database is measured while it runs`, async () => {
    const { plane } = open();
    assert.equal(await plane.measure('db-G'), undefined);
    await plane.start(specOf('db-G'));
    let usage = await plane.measure('db-G');
    while (usage === undefined) usage = await plane.measure('db-G');
    assert.ok(usage.cores >= 0 && usage.memoryBytes > 0 && usage.storageBytes > 0, JSON.stringify(usage));
    await plane.stop('db-G');
    assert.equal(await plane.measure('db-G'), undefined);
    await plane.destroy('db-G');
  });
}
