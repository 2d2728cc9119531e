import { mount, type Component } from 'svelte';
import { patiently } from './lib/patiently.ts';
import './styles/fonts.css';
import './styles/tokens.css';
import './styles/base.css';

// One page a path, each loaded only where it is wanted. Everything else is the hearing.
const pages: Record<string, () => Promise<{ default: Component }>> = {
  '/signin': () => import('./accounts/SignIn.svelte'),
  '/accounts': () => import('./accounts/Accounts.svelte'),
  '/cases': () => import('./cases/Cases.svelte'),
  '/console': () => import('./console/Console.svelte'),
  '/desk': () => import('./desk/Desk.svelte'),
  '/gallery': () => import('./gallery/Gallery.svelte'),
  '/minutes': () => import('./minutes/Minutes.svelte'),
  '/monitor': () => import('./monitor/Monitor.svelte'),
  '/recordings': () => import('./recordings/Recordings.svelte'),
};
const hearing = () => import('./App.svelte');

async function begin(): Promise<void> {
  const page = await patiently(pages[location.pathname] ?? hearing);
  const target = document.getElementById('app');
  target?.replaceChildren();
  if (target) mount(page.default, { target });
}

void begin();
