// What others rely on in proto/: every message, field, enum value and method, a line each, as protoc sees them. The lines
// that were once published stand in proto/contract.txt; a number that is not used any more is reserved for ever.
// Started by tests/lint/proto-contract; with UPDATE=1 it adds what is new to the file.
import { spawnSync } from 'node:child_process';
import { globSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { fromBinary, isFieldSet } from '@bufbuild/protobuf';
import {
  FieldDescriptorProto_Label,
  FieldDescriptorProto_Type,
  FieldDescriptorProtoSchema,
  FileDescriptorSetSchema,
  type DescriptorProto,
  type EnumDescriptorProto,
  type FieldDescriptorProto,
} from '@bufbuild/protobuf/wkt';

const PROTO = resolve(fileURLToPath(import.meta.url), '../../../proto');
const CONTRACT = join(PROTO, 'contract.txt');
const HEAD = `# What others rely on, a line each. Nothing here is changed or taken away; a field or value that is not used any more becomes
# reserved, its number and its name. UPDATE=1 tests/lint/proto-contract adds what is new.
`;

/** Each number by itself; the end of a range does not belong to it. */
const reserved = (owner: string, ranges: { start: number; end: number }[], names: string[]) => [
  ...ranges.flatMap(({ start, end }) =>
    Array.from({ length: end - start }, (_, i) => `reserved ${owner} ${start + i}`),
  ),
  ...names.map((name) => `reserved ${owner} ${name}`),
];

function field(owner: string, f: FieldDescriptorProto, oneofs: string[]): string {
  const label = FieldDescriptorProto_Label[f.label].toLowerCase();
  const type = f.typeName || FieldDescriptorProto_Type[f.type].toLowerCase();
  const choice = isFieldSet(f, FieldDescriptorProtoSchema.field.oneofIndex) && oneofs[f.oneofIndex];
  return `field ${owner} ${f.number} ${f.name} ${label} ${type.replace(/^\./, '')}${choice ? ` of ${choice}` : ''}`;
}

function enumeration(scope: string, e: EnumDescriptorProto): string[] {
  const name = `${scope}.${e.name}`;
  return [
    ...e.value.map((value) => `value ${name} ${value.number} ${value.name}`),
    ...reserved(
      name,
      e.reservedRange.map(({ start, end }) => ({ start, end: end + 1 })),
      e.reservedName,
    ),
  ];
}

function message(scope: string, m: DescriptorProto): string[] {
  const name = `${scope}.${m.name}`;
  const oneofs = m.oneofDecl.map((one) => one.name);
  return [
    `message ${name}`,
    ...m.field.map((one) => field(name, one, oneofs)),
    ...m.enumType.flatMap((one) => enumeration(name, one)),
    ...m.nestedType.flatMap((one) => message(name, one)),
    ...reserved(name, m.reservedRange, m.reservedName),
  ];
}

/** The lines of all protocols in a folder. */
export function describe(folder: string = PROTO): string[] {
  const files = globSync('assize/*/v1/*.proto', { cwd: folder }).sort();
  const out = mkdtempSync(join(tmpdir(), 'assize-contract-'));
  const set = join(out, 'set');
  const { status, stderr } = spawnSync('protoc', [
    `--descriptor_set_out=${set}`,
    '-I',
    folder,
    ...files,
  ]);
  const bytes = status === 0 && readFileSync(set);
  rmSync(out, { recursive: true });
  if (!bytes) throw new Error(`protoc: ${stderr.toString()}`);
  return fromBinary(FileDescriptorSetSchema, bytes).file.flatMap((file) => [
    ...file.messageType.flatMap((one) => message(file.package, one)),
    ...file.enumType.flatMap((one) => enumeration(file.package, one)),
    ...file.service.flatMap((service) =>
      service.method.map(
        (method) =>
          `method ${file.package}.${service.name}.${method.name}` +
          `${method.clientStreaming ? ' stream' : ''} ${method.inputType.slice(1)} returns` +
          `${method.serverStreaming ? ' stream' : ''} ${method.outputType.slice(1)}`,
      ),
    ),
  ]);
}

export function published(): string[] {
  return readFileSync(CONTRACT, 'utf8')
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'));
}

/** Whether a field or value that went away left its number and its name to nobody else. */
function isReserved(line: string, now: Set<string>): boolean {
  const [kind, owner, number, name] = line.split(' ');
  return (
    (kind === 'field' || kind === 'value') &&
    [number, name].every((one) => now.has(`reserved ${owner} ${one}`))
  );
}

/** The lines of the contract that these protocols break. */
export function broken(contract: string[], now: string[]): string[] {
  const lines = new Set(now);
  return contract.filter((line) => !lines.has(line) && !isReserved(line, lines));
}

function main(): number {
  const now = describe();
  const breaks = broken(published(), now);
  const known = new Set(published());
  const fresh = now.filter((line) => !known.has(line));
  for (const line of breaks) console.log(`breaks what others rely on: ${line}`);
  if (breaks.length === 0 && process.env.UPDATE)
    writeFileSync(CONTRACT, `${HEAD}${now.sort().join('\n')}\n`);
  else
    for (const line of fresh) console.log(`not in proto/contract.txt (UPDATE=1 adds it): ${line}`);
  return breaks.length + (process.env.UPDATE ? 0 : fresh.length) > 0 ? 1 : 0;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) process.exitCode = main();
