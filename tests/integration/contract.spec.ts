// That tests/lint/proto-contract sees what would break those who speak our protocols, and nothing else.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from '@playwright/test';
import { broken, describe as linesOf } from '../support/contract.ts';

const PROTOCOL = `syntax = "proto2";
package assize.x.v1;
enum Kind { KIND_UNSPECIFIED = 0; KIND_ONE = 1; }
message Question {
  optional string name = 1;
  optional int32 count = 2;
  oneof who { string person = 3; string body = 4; }
}
message Answer { repeated Kind kinds = 1; reserved 5 to 6; }
service Asking { rpc Ask(Question) returns (Answer); rpc Follow(Question) returns (stream Answer); }
`;

/** What a change of the protocol breaks of it. */
function breaks(from: string, to: string): string[] {
  const folder = mkdtempSync(join(tmpdir(), 'assize-t-'));
  const lines = (text: string) => {
    writeFileSync(join(folder, 'assize/x/v1/x.proto'), text);
    return linesOf(folder);
  };
  try {
    mkdirSync(join(folder, 'assize/x/v1'), { recursive: true });
    const changed = PROTOCOL.replace(from, to);
    expect(changed).not.toBe(PROTOCOL);
    return broken(lines(PROTOCOL), lines(changed));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

for (const { what, from, to } of [
  { what: 'a new field', from: 'oneof who', to: 'optional bool more = 7; oneof who' },
  { what: 'a new method', from: 'rpc Ask', to: 'rpc Tell(Question) returns (Answer); rpc Ask' },
  { what: 'a new value', from: 'KIND_ONE = 1;', to: 'KIND_ONE = 1; KIND_TWO = 2;' },
  { what: 'more that is reserved', from: 'reserved 5 to 6;', to: 'reserved 5 to 8;' },
  {
    what: 'a field that is reserved from now on',
    from: 'optional int32 count = 2;',
    to: 'reserved 2; reserved "count";',
  },
]) {
  test(`${what} breaks nothing`, () => {
    expect(breaks(from, to)).toEqual([]);
  });
}

for (const { what, from, to, line } of [
  {
    what: 'another type',
    from: 'int32 count',
    to: 'int64 count',
    line: 'field assize.x.v1.Question 2 count optional int32',
  },
  {
    what: 'another number',
    from: 'name = 1',
    to: 'name = 9',
    line: 'field assize.x.v1.Question 1 name optional string',
  },
  {
    what: 'another name',
    from: 'string name',
    to: 'string title',
    line: 'field assize.x.v1.Question 1 name optional string',
  },
  {
    what: 'one instead of many',
    from: 'repeated Kind',
    to: 'optional Kind',
    line: 'field assize.x.v1.Answer 1 kinds repeated assize.x.v1.Kind',
  },
  {
    what: 'a choice less',
    from: 'oneof who { string person = 3; string body = 4; }',
    to: 'optional string person = 3; oneof who { string body = 4; }',
    line: 'field assize.x.v1.Question 3 person optional string of who',
  },
  {
    what: 'a number that is free for others again',
    from: 'optional int32 count = 2;',
    to: '',
    line: 'field assize.x.v1.Question 2 count optional int32',
  },
  {
    what: 'a name that is free for others again',
    from: 'optional int32 count = 2;',
    to: 'reserved 2;',
    line: 'field assize.x.v1.Question 2 count optional int32',
  },
  {
    what: 'a reserved number in use',
    from: 'reserved 5 to 6;',
    to: 'reserved 6; optional bool more = 5;',
    line: 'reserved assize.x.v1.Answer 5',
  },
  {
    what: 'a value with another meaning',
    from: 'KIND_ONE = 1',
    to: 'KIND_TWO = 1',
    line: 'value assize.x.v1.Kind 1 KIND_ONE',
  },
  {
    what: 'a stream that is none any more',
    from: 'returns (stream Answer)',
    to: 'returns (Answer)',
    line: 'method assize.x.v1.Asking.Follow assize.x.v1.Question returns stream assize.x.v1.Answer',
  },
]) {
  test(`${what} breaks others`, () => {
    expect(breaks(from, to)).toEqual([line]);
  });
}
