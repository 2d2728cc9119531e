// What a screen reader says of its own accord. What is said at once is said together; a sentence that repeats the one before is
// still said.
class Announcer {
  polite = $state('');
  urgent = $state('');
  /** What was said at once until now. */
  private readonly together = { polite: '', urgent: '' };

  say(sentence: string, urgent = false): void {
    const key = urgent ? 'urgent' : 'polite';
    const before = this.together[key];
    if (before === '') queueMicrotask(() => (this.together[key] = ''));
    const said = before === '' ? sentence : `${before} ${sentence}`;
    this.together[key] = said;
    this[key] = this[key] === said ? `${said}\u00a0` : said;
  }
}

export const announcer = new Announcer();
