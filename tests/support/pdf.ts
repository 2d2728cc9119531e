// What is in a PDF, as somebody else's program reads it.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { run } from './processes.ts';

/** All text of it in reading order, on one line. */
export async function textOf(pdf: Uint8Array): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'assize-pdf-'));
  const file = join(folder, 'document.pdf');
  writeFileSync(file, pdf);
  const { code, output, errors } = await run('pdftotext', ['-enc', 'UTF-8', '-raw', file, '-']);
  rmSync(folder, { recursive: true });
  if (code !== 0) throw new Error(`pdftotext: ${errors}`);
  return output.replace(/\s+/g, ' ');
}
