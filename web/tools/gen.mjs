// TypeScript for the messages of proto/: protoc with protoc-gen-es, into web/src/gen. Started by `npm run gen`.
import { spawnSync } from 'node:child_process';
import { globSync, mkdirSync, rmSync } from 'node:fs';
import { delimiter, dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = resolve(dirname(fileURLToPath(import.meta.url)), '../..');
const out = join(root, 'web/src/gen');
const files = [
  'signal',
  'session',
  'staff',
  'hearing',
  'exchange',
  'cases',
  'access',
  'record',
  'desk',
  'minutes',
  'identity',
  'console',
  'monitor',
].flatMap((name) => globSync(`assize/${name}/v1/*.proto`, { cwd: join(root, 'proto') }));

rmSync(out, { recursive: true, force: true });
mkdirSync(out, { recursive: true });
const { status, error } = spawnSync(
  'protoc',
  [
    `--plugin=protoc-gen-es=${join(root, 'node_modules/.bin/protoc-gen-es')}`,
    `--es_out=${out}`,
    '--es_opt=target=js+dts,import_extension=js',
    '-I',
    join(root, 'proto'),
    ...files,
  ],
  // protoc-gen-es needs the Node this script runs on, which may not be the first one on the PATH.
  {
    stdio: 'inherit',
    env: { ...process.env, PATH: dirname(process.execPath) + delimiter + process.env.PATH },
  },
);
if (error)
  console.error(`protoc could not be started (${error.message}). Install protobuf-compiler.`);
process.exit(status ?? 1);
