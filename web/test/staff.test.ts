import assert from 'node:assert/strict';
import { test } from 'node:test';
import { pageAfter } from '../src/lib/staff.ts';

test('goes back to the page that asked to sign in', () => {
  assert.equal(pageAfter('?next=%2Faccounts'), '/accounts');
  assert.equal(pageAfter('?next=%2Frecordings%3Fhearing%3D01-ab'), '/recordings?hearing=01-ab');
  assert.equal(pageAfter('?next=%2Faccounts%3Fnext%3D%2Fmonitor'), '/accounts?next=/monitor');
});

test('goes to no other site after signing in, whatever the address says', () => {
  const foreign = [
    '',
    '?next=',
    '?next=https%3A%2F%2Fexample.com',
    '?next=%2F%2Fexample.com',
    '?next=%2F%5Cexample.com',
    '?next=javascript%3Aalert(1)',
    '?next=%2Fdesk%0A',
    '?next=%2F',
  ];
  for (const search of foreign) assert.equal(pageAfter(search), '/desk');
});
