import { mount } from 'svelte';
import App from './App.svelte';
import { exposeDiagnostics } from './lib/diagnostics.ts';
import './styles/fonts.css';
import './styles/tokens.css';
import './styles/base.css';

const target = document.getElementById('app');
if (target) mount(App, { target });
exposeDiagnostics();
