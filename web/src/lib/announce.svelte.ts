// What a screen reader says of its own accord. A sentence that repeats the one before is still said.
class Announcer {
  polite = $state('');
  urgent = $state('');

  say(sentence: string, urgent = false): void {
    const key = urgent ? 'urgent' : 'polite';
    this[key] = this[key] === sentence ? `${sentence}\u00a0` : sentence;
  }
}

export const announcer = new Announcer();
