// What a case has to say when all is well, which its reporter prints below its name.
import { test } from '@playwright/test';

export const TOLD = 'told';

export function tell(words: string): void {
  test.info().annotations.push({ type: TOLD, description: words });
}
