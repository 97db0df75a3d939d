import assert from 'node:assert/strict';
import { chmodSync, lstatSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { cp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, test } from 'node:test';
import { specOf } from '../../services/rds/database-plane.suite.ts';
import { installedDistribution, readyDistribution } from './distribution.ts';
import { PostgresPlane, removeOutside } from './postgres-plane.ts';
import { canReach, databaseUser, placeOf } from './run-as.ts';

const isRoot = process.getuid?.() === 0;
const root = mkdtempSync(path.join(tmpdir(), 'plimsoll-run-as-'));
chmodSync(root, 0o755);
after(() => rmSync(root, { recursive: true, force: true }));

test('databases run as the region’s own user unless that is root', () => {
  const user = databaseUser();
  assert.equal(user === undefined, !isRoot);
  if (user) assert.ok(user.uid > 0 && user.gid > 0);
});

test('a private home lets the database user’s group through, and nobody else', {
  skip: !isRoot,
}, async () => {
  const home = path.join(root, 'home');
  mkdirSync(home, { mode: 0o700 });
  const user = databaseUser();
  assert.ok(user);
  assert.equal(await placeOf(home, user), home);
  assert.equal(statSync(home).mode & 0o777, 0o710);
  assert.ok(await canReach(path.join(home, 'rds'), user));
});

test('below a folder that the database user cannot enter, databases live outside and leave nothing', {
  skip: !isRoot,
}, async () => {
  const closed = path.join(root, 'closed');
  mkdirSync(path.join(closed, 'home'), { recursive: true });
  chmodSync(closed, 0o700);
  const home = path.join(closed, 'home');
  const plane = new PostgresPlane({ home });
  const started = await plane.start(specOf('db-outside'));
  assert.equal(started.kind, 'started', JSON.stringify(started));
  assert.ok(lstatSync(path.join(home, 'rds')).isSymbolicLink());
  assert.deepEqual(readdirSync(path.join(home, 'rds')), ['db-outside']);
  await plane.close();
  const outside = path.dirname(
    statSync(path.join(home, 'rds')).isDirectory() ? `${await placeOf(home, databaseUser())}/rds` : '',
  );
  await removeOutside(home);
  assert.throws(() => statSync(outside));
});

test('where the installed programs cannot be linked or reached, a copy of them is made once', async () => {
  const installed = installedDistribution();
  assert.ok(installed);
  const packaged = path.join(root, 'package', 'native');
  await cp(installed.folder, packaged, { recursive: true, verbatimSymlinks: true });
  removeLinks(packaged);
  // Root can write everywhere: for root, the package is out of the database user's reach instead of read-only.
  chmodSync(isRoot ? path.join(root, 'package') : path.join(packaged, 'lib'), isRoot ? 0o700 : 0o555);
  const copies = path.join(root, 'copies');
  const distribution = { version: '17.0', folder: packaged };
  const ready = () => readyDistribution(distribution, copies, databaseUser());
  const [first, second] = await Promise.all([ready(), ready()]);
  assert.deepEqual([first, second], [second, { version: '17.0', folder: path.join(copies, '17.0') }]);
  assert.deepEqual(readdirSync(copies), ['17.0']);
  chmodSync(path.join(packaged, 'lib'), 0o755);
});

test('links that the install script did not make are made at first use', async () => {
  const installed = installedDistribution();
  assert.ok(installed);
  const packaged = path.join(root, 'unlinked', 'native');
  await cp(installed.folder, packaged, { recursive: true, verbatimSymlinks: true });
  const links = removeLinks(packaged);
  const distribution = { version: '17.0', folder: packaged };
  await Promise.all([
    readyDistribution(distribution, root, undefined),
    readyDistribution(distribution, root, undefined),
  ]);
  for (const name of links) assert.ok(statSync(path.join(packaged, 'lib', name)).isFile(), name);
});

function removeLinks(packaged: string): readonly string[] {
  const lib = path.join(packaged, 'lib');
  const links = readdirSync(lib, { withFileTypes: true }).filter((entry) => entry.isSymbolicLink());
  for (const { name } of links) rmSync(path.join(lib, name));
  return links.map(({ name }) => name);
}
