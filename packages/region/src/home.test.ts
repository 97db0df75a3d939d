import assert from 'node:assert/strict';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { HomeError, openHome } from './home.ts';

test('a home is made where there is none, and nothing is left of the test whether it can be written', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'plimsoll-home-'));
  t.after(() => rm(folder, { recursive: true }));
  const home = join(folder, 'a', 'b');
  await openHome(home);
  await openHome(home);
  assert.deepEqual(await readdir(home), []);
});

test('a home that cannot be is refused with its path and the reason', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'plimsoll-home-'));
  t.after(() => rm(folder, { recursive: true }));
  const file = join(folder, 'file');
  await writeFile(file, '');
  await assert.rejects(openHome(file), HomeError);
  await assert.rejects(openHome(file), {
    message: `The home ${file} cannot be written: there is a file of that name. Mend that or choose another --home.`,
  });
  await assert.rejects(openHome(join(file, 'home')), /a part of that path is a file/);
});
