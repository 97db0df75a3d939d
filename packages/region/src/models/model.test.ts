import assert from 'node:assert/strict';
import { test } from 'node:test';
import { serviceNames } from './catalog.ts';
import { loadModel } from './model.ts';

test('a model is loaded once', async () => {
  assert.equal(await loadModel('sts'), await loadModel('sts'));
});

test('every operation of every service has an input and an output', async () => {
  for (const service of serviceNames) {
    const model = await loadModel(service);
    assert.ok(model.operationNames.length > 10, service);
    for (const name of model.operationNames) {
      const operation = model.operation(name);
      for (const schema of [operation?.input, operation?.output]) {
        assert.ok(schema?.isStructSchema() || schema?.isUnitSchema(), `${service} ${name}`);
      }
    }
  }
});

test('an error is found by its name and by its code on the wire', async () => {
  const rds = await loadModel('rds');
  const byName = rds.error('DBInstanceNotFoundFault');
  assert.equal(byName?.code, 'DBInstanceNotFound');
  assert.equal(byName?.status, 404);
  assert.equal(rds.error('DBInstanceNotFound')?.name, 'DBInstanceNotFoundFault');
  assert.equal(rds.error('NoSuchThing'), undefined);
});

test('an operation that the service does not have is not there', async () => {
  assert.equal((await loadModel('sts')).operation('CreateBucket'), undefined);
});
