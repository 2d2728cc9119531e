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

// The hearing has screens of its own, each beside what all of them share.
const entry = scripts('index.html');
const hearing = 'src/App.svelte';
const pages = manifest['index.html'].dynamicImports.map((key) => [key, entry]);
const screens = manifest[hearing].dynamicImports.map((key) => [
  key,
  scripts(hearing, new Set(entry)),
]);

let largest = 0;
for (const [page, before] of [...pages, ...screens]) {
  const loaded = scripts(page, new Set(before));
  const bytes = [...loaded].reduce((sum, key) => sum + bytesOf(key), 0);
  console.log(`${page} ${bytes} bytes`);
  largest = Math.max(largest, bytes);
}
process.exit(largest > 0 && largest < PAGE_BYTES_MAX ? 0 : 1);
