import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isAllowedHost } from './host-check.ts';

for (const [host, allowed] of [
  ['127.0.0.1:4566', true],
  ['localhost:4566', true],
  ['[::1]:4566', true],
  ['bucket.localhost:4566', true],
  ['ecs.eu-central-1.amazonaws.com', true],
  ['evil.example:4566', false],
  ['127.0.0.1.evil.example', false],
  ['notlocalhost', false],
  [undefined, false],
] as const) {
  test(`the Host header ${host} is ${allowed ? 'answered' : 'refused'}`, () => {
    assert.equal(isAllowedHost(host), allowed);
  });
}
