import { svelte } from '@sveltejs/vite-plugin-svelte';
import { defineConfig } from 'vite';
import { precompress } from './web/tools/precompress.ts';

// Everything is served by assized from web/dist under a strict Content-Security-Policy: no inline script or style, no data:
// URL, no third party. So nothing may be inlined into the page.
export default defineConfig({
  root: 'web',
  plugins: [svelte({ configFile: '../svelte.config.js' }), precompress()],
  build: {
    outDir: 'dist',
    emptyOutDir: true,
    manifest: true,
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    target: 'es2023',
    chunkSizeWarningLimit: 400,
  },
});
