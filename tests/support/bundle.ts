// A module of the tests as a script that a page can run.
import { join } from 'node:path';
import { build, type Rolldown } from 'vite';
import { ROOT } from './server.ts';

/** Leaves what the module exports in a variable of this name. */
export async function bundle(entry: string, name: string): Promise<string> {
  const built = (await build({
    configFile: false,
    logLevel: 'silent',
    build: { write: false, lib: { entry: join(ROOT, entry), formats: ['iife'], name } },
  })) as Rolldown.RolldownOutput[];
  return built[0]?.output[0].code ?? '';
}
