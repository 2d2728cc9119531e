// What each page of the site makes a browser load, by the build's manifest: its own scripts and all they import, gzipped.
import { readFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';

const PAGE_BYTES_MAX = 120_000;

const dist = 'web/dist';
const manifest = JSON.parse(readFileSync(`${dist}/.vite/manifest.json`, 'utf8'));

function scripts(key, found = new Set()) {
  if (found.has(key)) return found;
  found.add(key);
  for (const next of manifest[key].imports ?? []) scripts(next, found);
  return found;
}

const bytesOf = (key) =>
  gzipSync(readFileSync(`${dist}/${manifest[key].file}`), { level: 9 }).length;

let largest = 0;
for (const page of manifest['index.html'].dynamicImports) {
  const bytes = [...scripts(page, scripts('index.html'))].reduce((n, key) => n + bytesOf(key), 0);
  console.log(`${page} ${bytes} bytes`);
  largest = Math.max(largest, bytes);
}
process.exit(largest > 0 && largest < PAGE_BYTES_MAX ? 0 : 1);
