/** @type {import('@sveltejs/vite-plugin-svelte').SvelteConfig} */
export default {
  compilerOptions: {
    discloseVersion: false, // nobody asks a page for it, and it is in each that is loaded
    runes: ({ filename }) => (filename.includes('node_modules') ? undefined : true),
  },
};
