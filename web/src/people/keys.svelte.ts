// Keys for one's own controls. Off for whoever speaks to the machine or types on it otherwise (WCAG 2.1.4).
import { kept } from '../lib/kept.ts';

class Keys {
  on = $state(kept.device.get('keys') !== 'off');

  use(on: boolean): void {
    this.on = on;
    kept.device.set('keys', on ? null : 'off');
  }
}

export const keys = new Keys();

const typing = (target: EventTarget | null): boolean =>
  target instanceof HTMLElement &&
  (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName));

export type KeyName = 'mute' | 'hand' | 'help' | 'side' | 'sheet';

export const keyOf: Record<KeyName, string> = {
  mute: 'M',
  hand: 'H',
  help: 'T',
  side: 'P',
  sheet: '?',
};

/** What a key press asks for; nothing while somebody types or a question is open. */
export function keyPressed(event: KeyboardEvent): KeyName | undefined {
  if (!keys.on || event.ctrlKey || event.altKey || event.metaKey || event.repeat) return undefined;
  if (typing(event.target) || document.querySelector('.dialog')) return undefined;
  const pressed = event.key.toUpperCase();
  return (Object.keys(keyOf) as KeyName[]).find((name) => keyOf[name] === pressed);
}
