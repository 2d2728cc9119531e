// Parts of a page that are loaded when they are wanted, however bad the line: a failed try is made again.
import { backOff } from './backoff.ts';

export async function patiently<T>(load: () => Promise<T>): Promise<T> {
  for (let attempt = 0; ; attempt++) {
    try {
      await fetchStyles();
      return await load();
    } catch {
      await new Promise((resolve) => setTimeout(resolve, backOff(attempt)));
    }
  }
}

// Style sheets that did not come. A part asks for its own only once, and would be drawn without it when it is tried again.
const lost = new Set<HTMLLinkElement>();
let fetching: Promise<unknown> = Promise.resolve();

for (const link of document.querySelectorAll<HTMLLinkElement>('link[rel="stylesheet"]')) {
  if (!came(link)) lost.add(link); // it failed before there was anybody to hear of it
}
document.addEventListener(
  'error',
  ({ target }) => {
    if (target instanceof HTMLLinkElement && target.rel === 'stylesheet') lost.add(target);
  },
  true, // it does not bubble
);

/** Chromium leaves a style sheet that did not come in its place, and lets nobody read it. */
function came(link: HTMLLinkElement): boolean {
  try {
    return link.sheet?.cssRules !== undefined;
  } catch {
    return false;
  }
}

function fetchStyles(): Promise<unknown> {
  const all = () => Promise.all([...lost].map(fetchAgain));
  fetching = fetching.then(all, all);
  return fetching;
}

function fetchAgain(link: HTMLLinkElement): Promise<void> {
  return new Promise((resolve, reject) => {
    const next = link.cloneNode() as HTMLLinkElement;
    next.onload = () => resolve();
    next.onerror = () => reject(new Error(next.href));
    lost.delete(link);
    link.replaceWith(next);
  });
}
